package openapitest

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// Answer is what a server answered.
type Answer struct {
	Method, Path string // of the request, the path without its query
	Status       int
	Header       http.Header
	Body         []byte
}

// Faults returns what in an answer the document does not allow. Where it describes no call, the answer is a problem: 404,
// or 405 with the header Allow; or the answer to a browser that asks whether it may call (CORS).
func (d *Document) Faults(a Answer) []string {
	op := d.Find(a.Method, a.Path)
	if op == nil {
		return d.elsewhere(a)
	}
	response := op.Responses[strconv.Itoa(a.Status)]
	if response == nil {
		return []string{fmt.Sprintf("%s does not have the status %d", op.ID, a.Status)}
	}
	var faults []string
	for name, h := range response.Headers {
		faults = append(faults, headerFaults(name, h, a.Header)...)
	}
	if a.Method == http.MethodHead {
		return faults
	}
	return append(faults, bodyFaults(response.Content, a)...)
}

func (d *Document) elsewhere(a Answer) []string {
	switch {
	case a.Method == http.MethodOptions && a.Status == http.StatusNoContent && a.Header.Get("Access-Control-Allow-Methods") != "":
		return nil
	case a.Status == http.StatusMethodNotAllowed && a.Header.Get("Allow") == "":
		return []string{"405 without Allow"}
	case a.Status != http.StatusMethodNotAllowed && a.Status != http.StatusNotFound:
		return []string{fmt.Sprintf("no call is described here, and the status is %d", a.Status)}
	case a.Method == http.MethodHead:
		return nil
	}
	problem := map[string]Media{"application/problem+json": {Schema: d.Components.Schemas["Problem"]}}
	return bodyFaults(problem, a)
}

func headerFaults(name string, h Header, got http.Header) []string {
	text := got.Get(name)
	if text == "" {
		if h.Required {
			return []string{"the header " + name + " is missing"}
		}
		return nil
	}
	var value any = text
	if h.Schema != nil && isType(1.0, first(h.Schema.Types)) {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return []string{fmt.Sprintf("the header %s is %q, no number", name, text)}
		}
		value = n
	}
	return h.Schema.Faults(value, "header "+name)
}

func first(t types) string {
	if len(t) == 0 {
		return ""
	}
	return t[0]
}

func bodyFaults(content map[string]Media, a Answer) []string {
	contentType := a.Header.Get("Content-Type")
	if len(content) == 0 {
		if len(a.Body) > 0 {
			return []string{fmt.Sprintf("there is a body, which is not described: %.100q", a.Body)}
		}
		return nil
	}
	name, _, err := mime.ParseMediaType(contentType)
	media, found := content[name]
	if err != nil || !found {
		return []string{fmt.Sprintf("the content type %q is not described", contentType)}
	}
	if !strings.HasSuffix(name, "json") {
		return nil
	}
	var value any
	if err := json.Unmarshal(a.Body, &value); err != nil {
		return []string{fmt.Sprintf("the body is no JSON: %v", err)}
	}
	faults := media.Schema.Faults(value, "body")
	if problem, ok := value.(map[string]any); ok && strings.Contains(name, "problem") && problem["status"] != float64(a.Status) {
		faults = append(faults, fmt.Sprintf("the problem's status is %v", problem["status"]))
	}
	return faults
}
