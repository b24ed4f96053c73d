// Command compose-config reads a compose file as `docker compose config` does, with the library that is Compose's own
// parser, and prints the project as JSON. It needs no Docker.
//
//	compose-config [--profile NAME] FILE
package main

import (
	"context"
	"encoding/json"
	"flag"
	"log"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	log.SetFlags(0)
	profile := flag.String("profile", "", "also the services of this profile")
	flag.Parse()
	options, err := cli.NewProjectOptions(
		flag.Args(),
		cli.WithOsEnv,
		cli.WithDotEnv,
		cli.WithProfiles([]string{*profile}),
	)
	if err != nil {
		log.Fatal(err)
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(project); err != nil {
		log.Fatal(err)
	}
}
