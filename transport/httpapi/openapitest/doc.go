// Package openapitest reads an OpenAPI 3.1 document as a stranger does, from its bytes alone, and holds values and answers
// against it. It is for tests: it shares no code with what makes the document.
//
// It knows the part of JSON Schema that the document uses, and is stricter in one thing: a property that no schema
// describes is a fault, since an answer should have nothing that its description does not tell. additionalProperties
// describes what it allows if it is a schema with a description.
package openapitest
