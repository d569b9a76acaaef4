package llm

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"
)

// What can be wrong with an answer. None repeats any of it.
var (
	errTooLong    = errors.New("the answer is too long")
	errNoAnswer   = errors.New("the answer is no chat completion with one choice")
	errUnfinished = errors.New("the model did not finish its answer")
	errNoText     = errors.New("the model gave no text, refused, or called a tool")
	errShape      = errors.New("the model's answer is not the JSON object it was asked for")
	errID         = errors.New("the model's answer has not the id of the question")
	errLabel      = errors.New("the model's answer has an unknown label")
	errScore      = errors.New("the model's answer has a score that is no number from 0 to 1")
	errContradict = errors.New("the model's answer calls a text benign and probably harmful")
)

// answer is what counts of a chat completion.
type answer struct {
	Choices []struct {
		FinishReason string `json:"finish_reason"`
		Message      struct {
			Content      *string         `json:"content"`
			Refusal      string          `json:"refusal"`
			ToolCalls    json.RawMessage `json:"tool_calls"`
			FunctionCall json.RawMessage `json:"function_call"`
		} `json:"message"`
	} `json:"choices"`
}

// parseAnswer reads the body of an answer to the question with this id. It accepts exactly what was asked for, alone or in a code fence, and nothing else: a text that makes the
// model talk gets no opinion out of it.
func parseAnswer(body []byte, id string) (Opinion, error) {
	if len(body) > maxAnswer {
		return Opinion{}, errTooLong
	}
	var a answer
	if err := json.Unmarshal(body, &a); err != nil || len(a.Choices) != 1 {
		return Opinion{}, errNoAnswer
	}
	choice := a.Choices[0]
	// Some servers leave the reason out.
	if choice.FinishReason != "stop" && choice.FinishReason != "" {
		return Opinion{}, errUnfinished
	}
	m := choice.Message
	if m.Content == nil || m.Refusal != "" || !none(m.ToolCalls) || !none(m.FunctionCall) {
		return Opinion{}, errNoText
	}
	return parseOpinion(unfence(*m.Content), id)
}

// none says that a member is absent, null or empty.
func none(raw json.RawMessage) bool {
	return len(raw) == 0 || string(raw) == "null" || string(raw) == "[]"
}

// unfence takes away a code fence, in which models that were not held to a schema like to put JSON.
func unfence(content string) string {
	content = strings.TrimSpace(content)
	inner, ok := strings.CutPrefix(content, "```")
	if !ok {
		return content
	}
	inner, ok = strings.CutSuffix(inner, "```")
	if !ok {
		return content
	}
	return strings.TrimSpace(strings.TrimPrefix(inner, "json"))
}

// parseOpinion reads the object that the model wrote. Members are read one by one, since encoding/json would take names in any case, unknown ones and repeats.
func parseOpinion(content, id string) (Opinion, error) {
	d := json.NewDecoder(strings.NewReader(content))
	d.UseNumber()
	members, err := readMembers(d)
	if err != nil {
		return Opinion{}, err
	}
	echo, ok1 := members["id"].(string)
	label, ok2 := members["label"].(string)
	number, ok3 := members["score"].(json.Number)
	switch {
	case len(members) != 3 || !ok1 || !ok2:
		return Opinion{}, errShape
	case !ok3:
		return Opinion{}, errScore
	case echo != id:
		return Opinion{}, errID
	}
	score, err := number.Float64()
	if err != nil || !(score >= 0 && score <= 1) {
		return Opinion{}, errScore
	}
	o := Opinion{Label: Label(label), Score: math.Abs(math.Round(score*100) / 100)} // Abs: -0 is 0
	switch o.Label {
	case Scam, Spam, Abuse, Injection:
	case Benign:
		// It took the score for how sure it is of the label, or is of two minds. From 0.5 on a score counts (guard.Guard.WithModel), which would block what it finds harmless.
		if o.Score >= 0.5 {
			return Opinion{}, errContradict
		}
	default:
		return Opinion{}, errLabel
	}
	return o, nil
}

// readMembers reads one flat JSON object and nothing after it.
func readMembers(d *json.Decoder) (map[string]json.Token, error) {
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, errShape
	}
	members := make(map[string]json.Token, 3)
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, errShape
		}
		value, err := d.Token()
		if _, nested := value.(json.Delim); err != nil || nested {
			return nil, errShape
		}
		key := name.(string)
		if _, twice := members[key]; twice {
			return nil, errShape
		}
		members[key] = value
	}
	if t, err := d.Token(); err != nil || t != json.Delim('}') {
		return nil, errShape
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errShape
	}
	return members, nil
}
