package httpapi

import (
	"github.com/danielgtaylor/huma/v2"
)

// addExamples shows one body of each JSON type that has none yet.
func addExamples(api *huma.OpenAPI, content map[string]*huma.MediaType) {
	if media := content["application/json"]; media != nil && media.Example == nil {
		media.Example = exampleOf(api.Components.Schemas, media.Schema)
	}
}

// exampleOf makes a value that a schema allows, from the examples within it.
func exampleOf(schemas huma.Registry, s *huma.Schema) any {
	switch {
	case s.Ref != "":
		return exampleOf(schemas, schemas.SchemaFromRef(s.Ref))
	case len(s.Examples) > 0:
		return s.Examples[0]
	case len(s.Enum) > 0:
		return s.Enum[0]
	case len(s.OneOf) > 0:
		return exampleOf(schemas, s.OneOf[0])
	}
	switch s.Type {
	case huma.TypeObject:
		object := make(map[string]any, len(s.Properties))
		for name, property := range s.Properties {
			object[name] = exampleOf(schemas, property)
		}
		return object
	case huma.TypeArray:
		return []any{exampleOf(schemas, s.Items)}
	case huma.TypeInteger, huma.TypeNumber:
		return 1
	case huma.TypeBoolean:
		return false
	}
	return "…"
}
