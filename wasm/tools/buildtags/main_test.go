package main

import (
	"slices"
	"testing"
)

func TestTagsLeaveOutWhatNobodyAskedFor(t *testing.T) {
	tags, err := buildTags()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"netgo", "osusergo", "ts_omit_ssh", "ts_omit_logtail", "ts_omit_peerapiserver"} {
		if !slices.Contains(tags, want) {
			t.Errorf("%s is missing", want)
		}
	}
	for _, wrong := range []string{"ts_omit_netstack", "ts_omit_dns", "ts_omit_health", "ts_omit_ipnbus", "tailscale_go", "nethttpomithttp2"} {
		if slices.Contains(tags, wrong) {
			t.Errorf("%s must not be set", wrong)
		}
	}
}
