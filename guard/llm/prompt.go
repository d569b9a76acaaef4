package llm

import (
	"crypto/rand"
	_ "embed" // for the prompt
	"encoding/hex"
	"encoding/json"
	"unicode/utf8"
)

// A text of more bytes than both is not shown whole: its beginning and its end are. Rules and classifier read all of it, and a model's context may be as small as 4,096
// tokens, which must hold the instructions too.
const (
	shownHead = 6 << 10
	shownTail = 2 << 10
)

// maxTokens bounds what the model may write. The answer has some 40 tokens.
const maxTokens = 100

// system tells the model what to do. It is the same for every text.
//
//go:embed prompt.txt
var system string

// format is the schema of the answer. It is the same for every text, so that a server compiles it once. It doesn't fix the id, or the model would be made to write
// the right one even when it repeats an answer that the text dictated; nor the score's range, since not every server takes that in a strict schema.
//
//go:embed schema.json
var format []byte

// newNonce returns an id that no text can hold, since it did not exist when the text was written: 64 random bits in hexadecimal.
func newNonce() string {
	var b [8]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// envelope is how a text is shown.
type envelope struct {
	Text    string `json:"text"`
	LeftOut int    `json:"left_out,omitempty"` // bytes between Text and Ending
	Ending  string `json:"ending,omitempty"`
}

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

type completion struct {
	Model       string          `json:"model"`
	Messages    []message       `json:"messages"`
	Temperature float64         `json:"temperature"`
	MaxTokens   int             `json:"max_tokens"`
	Format      json.RawMessage `json:"response_format"`
}

// prompt returns the body of a request that asks model about text. As a JSON string the text cannot end its line, and encoding/json also writes <, > and & as
// \u003c and so on, so that it cannot hold the marks by which some models tell messages apart (<|im_end|>). Bytes that are no UTF-8 become U+FFFD.
func prompt(model, id, text string) []byte {
	body, err := json.Marshal(completion{
		Model: model,
		Messages: []message{
			{Role: "system", Content: system},
			{Role: "user", Content: "BEGIN " + id + "\n" + string(encode(shown(text))) + "\nEND " + id},
		},
		MaxTokens: maxTokens,
		Format:    format,
	})
	if err != nil {
		panic(err) // strings and numbers only
	}
	return body
}

func encode(e envelope) []byte {
	b, err := json.Marshal(e)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return b
}

// shown cuts a text to what the model sees of it, between characters.
func shown(text string) envelope {
	if len(text) <= shownHead+shownTail {
		return envelope{Text: text}
	}
	head, tail := shownHead, len(text)-shownTail
	for i := 0; i < utf8.UTFMax && !utf8.RuneStart(text[head]); i++ {
		head--
	}
	for i := 0; i < utf8.UTFMax && !utf8.RuneStart(text[tail]); i++ {
		tail++
	}
	return envelope{Text: text[:head], LeftOut: tail - head, Ending: text[tail:]}
}
