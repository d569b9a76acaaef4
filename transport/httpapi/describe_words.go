package httpapi

import (
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// words say what fields mean that have the same name and meaning wherever they stand. A field whose tag has a doc of its
// own says something else.
var words = map[string]string{
	"id":                "its id",
	"type":              "the frame's name",
	"position":          "the place of its event in the log, from 1",
	"seq":               "the place in the conversation, from 1, the same for everybody",
	"timestamp":         "when its event was stored",
	"created_at":        "when it was made",
	"updated_at":        "when it last changed",
	"erased_at":         "when its content was erased; null until then",
	"read_at":           "when it was read; null until then",
	"delivered_at":      "when it was received",
	"user_id":           "the user's id",
	"sender_id":         "who wrote it",
	"author_id":         "who made it",
	"created_by":        "who made it",
	"updated_by":        "who last changed it",
	"conversation_id":   "the conversation's id",
	"message_id":        "the message's id",
	"project_id":        "the project's id",
	"task_id":           "the task's id",
	"client_message_id": "what its sender calls it; null for no name",
	"title":             "what it is called",
	"content_hash":      "SHA-256 over the 16 bytes of the salt and the content's UTF-8, in hex",
	"risk_score":        "the guard's verdict: 0 is harmless, 1 is certain",
	"receipts":          "who received and read it",
	"items":             "the page",
	"rule":              "the name of the guard's rule",
	"weight":            "what it adds, from 0 to 1",
	"model":             "the model's name",
	"label":             "what it takes the text for; null when it did not answer",
	"score":             "how sure it is, from 0 to 1; null when it did not answer",
	"failure":           "why it did not answer; null when it did",
}

func explainFields(s *huma.Schema) {
	for name, field := range s.Properties {
		if field.Description == "" {
			field.Description = words[name]
		}
	}
}

// explainParameter says of the id in a path whose it is: the part before it names the kind of thing, in the plural.
func explainParameter(path string, p *huma.Param) {
	if p.Description != "" || p.In != "path" {
		return
	}
	before, _, _ := strings.Cut(path, "/{"+p.Name+"}")
	kind := before[strings.LastIndexByte(before, '/')+1:]
	switch kind {
	case "participants", "blocks":
		kind = "users"
	case "blocked":
		kind = "blocked messages"
	}
	p.Description = "the " + strings.TrimSuffix(kind, "s") + "'s id"
}
