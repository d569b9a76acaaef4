package asyncapi

import (
	"bytes"
	"encoding/json"
)

// document is an AsyncAPI Object, as far as it is used here. Each type is named after the specification's.
type document struct {
	AsyncAPI           string              `json:"asyncapi"`
	Info               info                `json:"info"`
	DefaultContentType string              `json:"defaultContentType"`
	Servers            ordered[server]     `json:"servers"`
	Channels           ordered[channel]    `json:"channels"`
	Operations         ordered[*operation] `json:"operations"`
	Components         components          `json:"components"`
}

type info struct {
	Title       string `json:"title"`
	Version     string `json:"version"`
	Description string `json:"description"`
}

type server struct {
	Host        string            `json:"host"`
	Protocol    string            `json:"protocol"`
	Title       string            `json:"title"`
	Description string            `json:"description"`
	Variables   ordered[variable] `json:"variables"`
	Security    []reference       `json:"security"`
}

type variable struct {
	Default     string `json:"default"`
	Description string `json:"description"`
}

type channel struct {
	Address     string           `json:"address"`
	Title       string           `json:"title"`
	Description string           `json:"description"`
	Messages    ordered[message] `json:"messages"`
	Bindings    bindings         `json:"bindings"`
}

// bindings is a Channel Bindings Object with a WebSockets Channel Binding.
type bindings struct {
	WS wsBinding `json:"ws"`
}

type wsBinding struct {
	Method  string  `json:"method"`
	Query   *schema `json:"query"`
	Headers *schema `json:"headers"`
	Version string  `json:"bindingVersion"`
}

type operation struct {
	Action   string      `json:"action"`
	Channel  reference   `json:"channel"`
	Title    string      `json:"title"`
	Summary  string      `json:"summary"`
	Messages []reference `json:"messages"`
	Reply    *reply      `json:"reply,omitempty"`
}

type reply struct {
	Channel  reference   `json:"channel"`
	Messages []reference `json:"messages"`
}

type message struct {
	Name          string     `json:"name,omitempty"`
	Title         string     `json:"title"`
	Summary       string     `json:"summary"`
	CorrelationID *reference `json:"correlationId,omitempty"`
	Payload       *schema    `json:"payload"`
	Examples      []example  `json:"examples"`
}

type example struct {
	Payload json.RawMessage `json:"payload"`
}

type components struct {
	SecuritySchemes ordered[securityScheme] `json:"securitySchemes"`
	CorrelationIDs  ordered[correlationID]  `json:"correlationIds"`
}

type securityScheme struct {
	Type         string `json:"type"`
	Scheme       string `json:"scheme,omitempty"`
	BearerFormat string `json:"bearerFormat,omitempty"`
	Name         string `json:"name,omitempty"`
	In           string `json:"in,omitempty"`
	Description  string `json:"description"`
}

type correlationID struct {
	Location    string `json:"location"`
	Description string `json:"description"`
}

type reference struct {
	To string `json:"$ref"`
}

// ordered is a JSON object that keeps its order.
type ordered[T any] []named[T]

type named[T any] struct {
	name  string
	value T
}

func (o *ordered[T]) add(name string, value T) { *o = append(*o, named[T]{name, value}) }

// MarshalJSON implements json.Marshaler.
func (o ordered[T]) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, n := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(n.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(n.value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
