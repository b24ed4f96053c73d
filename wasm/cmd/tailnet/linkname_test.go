//go:build !js

package main

import (
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The names that we reach by go:linkname or reflection, which the compiler does not check: a variable that Tailscale
// renamed would become one of our own, and relays would silently be slow again.
func TestWhatWeLinkToByNameStillExists(t *testing.T) {
	relay := declarations(t, "tailscale.com/derp/derphttp")
	if got := relay["dialWebsocketFunc"]; got != "func(ctx context.Context, urlStr string) (net.Conn, error)" {
		t.Errorf("derphttp.dialWebsocketFunc is %q", got)
	}
	control := declarations(t, "tailscale.com/control/controlclient")
	for name, want := range map[string]string{"mu": "sync.Mutex", "mapCtx": "context.Context", "mapCancel": "func()"} {
		if got := control["Auto."+name]; got != want {
			t.Errorf("controlclient.Auto.%s is %q", name, got)
		}
	}
	backend := declarations(t, "tailscale.com/ipn/ipnlocal")
	if got := backend["LocalBackend.ccAuto"]; got != "*controlclient.Auto" {
		t.Errorf("ipnlocal.LocalBackend.ccAuto is %q", got)
	}
}

// declarations returns the source of the type of each variable and field of a package.
func declarations(t *testing.T, pkg string) map[string]string {
	t.Helper()
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", pkg).Output()
	if err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "*.go"))
	found := map[string]string{}
	set := token.NewFileSet()
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, declaration := range file.Decls {
			note(found, declaration)
		}
	}
	return found
}

func note(found map[string]string, declaration ast.Decl) {
	general, ok := declaration.(*ast.GenDecl)
	if !ok {
		return
	}
	for _, spec := range general.Specs {
		switch s := spec.(type) {
		case *ast.ValueSpec:
			for _, name := range s.Names {
				found[name.Name] = source(s.Type)
			}
		case *ast.TypeSpec:
			if fields, ok := s.Type.(*ast.StructType); ok {
				for _, field := range fields.Fields.List {
					for _, name := range field.Names {
						found[s.Name.Name+"."+name.Name] = source(field.Type)
					}
				}
			}
		}
	}
}

// source prints a type as it is written.
func source(node ast.Expr) string {
	if node == nil {
		return ""
	}
	var b strings.Builder
	if err := format.Node(&b, token.NewFileSet(), node); err != nil {
		return err.Error()
	}
	return b.String()
}
