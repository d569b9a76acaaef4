// Command describe prints what a server says of itself, without a server or a database:
//
//	go run ./internal/cmd/describe asyncapi    # the frames of the socket, as at /asyncapi.json
//	go run ./internal/cmd/describe openapi     # the HTTP API, as at /openapi.json
//
// The types of the client in web/ are made from it.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"chainmail/projections/push"
	"chainmail/transport/asyncapi"
	"chainmail/transport/httpapi"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "describe:", err)
		os.Exit(2)
	}
}

// run writes the description that the one argument names, indented.
func run(args []string, to io.Writer) error {
	descriptions := map[string]func() []byte{
		"asyncapi": func() []byte { return asyncapi.Describe(push.Frames()) },
		"openapi":  httpapi.Describe,
	}
	if len(args) != 1 || descriptions[args[0]] == nil {
		return fmt.Errorf("usage: describe asyncapi|openapi, not %q", args)
	}
	var text bytes.Buffer
	if err := json.Indent(&text, descriptions[args[0]](), "", "\t"); err != nil {
		return err
	}
	text.WriteByte('\n')
	_, err := text.WriteTo(to)
	return err
}
