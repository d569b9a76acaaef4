package httpapi

import (
	_ "embed"
	"net/http"
	"reflect"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"chainmail/domain"
)

// describe is what the description says of all calls.
func (a *api) describe() huma.Config {
	schemas := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	schemas.RegisterTypeAlias(reflect.TypeFor[domain.ID](), reflect.TypeFor[idText]())
	schemas.RegisterTypeAlias(reflect.TypeFor[huma.ErrorModel](), reflect.TypeFor[Problem]())
	config := huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{
				Title:   "Chainmail",
				Version: "1",
				Description: "Messages between people, on a log that can be verified. " +
					"Its WebSocket, at /ws, is described at /asyncapi.json, and in words in docs/protocol.md.",
			},
			Tags: groups(),
			Components: &huma.Components{
				Schemas: schemas,
				SecuritySchemes: map[string]*huma.SecurityScheme{
					"bearer": {Type: "http", Scheme: "bearer", BearerFormat: "JWT", Description: "An access token, from a login or from chainmail token"},
				},
			},
		},
		Formats:       map[string]huma.Format{"application/json": jsonFormat(), "json": jsonFormat()},
		DefaultFormat: "application/json",
		Transformers:  []huma.Transformer{translate},
	}
	config.AllowAdditionalPropertiesByDefault = true // unknown fields are ignored
	return config
}

// orElse describes the answer 200 of a call that is else 201: what was asked for was there already.
func orElse[T any](a *api) map[string]*huma.Response {
	schema := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[T](), true, "")
	return map[string]*huma.Response{"200": {
		Description: http.StatusText(http.StatusOK),
		Content:     map[string]*huma.MediaType{"application/json": {Schema: schema}},
	}}
}

func minPositionParam() *huma.Param {
	return &huma.Param{
		Name: minPositionHeader, In: "header", Schema: new(number).Schema(nil),
		Description: "a position that the answer has to show: the server waits up to 5 s for it, then answers 503",
	}
}

//go:embed docs.html
var docsPage []byte

// serveDocs shows the description with nothing but what is in the page.
func serveDocs(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Security-Policy",
		"default-src 'none'; connect-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(docsPage) // the client may be gone
}

// serveMade serves JSON that is made at the first request.
func serveMade(make func() []byte) http.HandlerFunc {
	body := sync.OnceValue(make)
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body()) // the client may be gone
	}
}
