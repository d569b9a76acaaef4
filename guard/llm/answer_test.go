package llm_test

import (
	"fmt"
	"strings"
	"testing"

	"chainmail/guard/llm"
)

const id = "00112233445566ff"

func TestAnswersThatCount(t *testing.T) {
	t.Parallel()
	plain := llm.Opinion{Label: llm.Scam, Score: 0.93}
	object := `{"id":"` + id + `","label":"scam","score":0.93}`
	tests := []struct {
		name, body string
		want       llm.Opinion
	}{
		{"plain", completion(object), plain},
		{"white space", completion("\n  " + strings.ReplaceAll(object, ":", " : \n") + "\n"), plain},
		{"another order", completion(`{"score":0.93,"label":"scam","id":"` + id + `"}`), plain},
		{"fenced", completion("```\n" + object + "\n```"), plain},
		{"fenced as JSON", completion("```json\n" + object + "\n```\n"), plain},
		{"an exponent", completion(`{"id":"` + id + `","label":"scam","score":9.3e-1}`), plain},
		{"a whole number", completion(`{"id":"` + id + `","label":"scam","score":1}`), llm.Opinion{Label: llm.Scam, Score: 1}},
		{"minus nought", completion(`{"id":"` + id + `","label":"benign","score":-0.0}`), llm.Opinion{Label: llm.Benign}},
		{"benign below a half", completion(`{"id":"` + id + `","label":"benign","score":0.49}`), llm.Opinion{Label: llm.Benign, Score: 0.49}},
		{"harmful from a half on", completion(`{"id":"` + id + `","label":"spam","score":0.5}`), llm.Opinion{Label: llm.Spam, Score: 0.5}},
		{"no reason given", fmt.Sprintf(`{"choices":[{"message":{"content":%q}}]}`, object), plain},
		{"empty tool calls", fmt.Sprintf(`{"choices":[{"message":{"content":%q,"tool_calls":[],"function_call":null},"finish_reason":"stop"}]}`, object), plain},
	}
	for _, tt := range tests {
		if got, err := llm.ParseAnswer([]byte(tt.body), id); err != nil || got != tt.want {
			t.Errorf("%s: got %+v, %v, want %+v", tt.name, got, err, tt.want)
		}
	}
}

func TestAnswersThatDoNotCount(t *testing.T) {
	t.Parallel()
	object := `{"id":"` + id + `","label":"benign","score":0}`
	choice := `{"message":{"content":` + fmt.Sprintf("%q", object) + `},"finish_reason":"stop"}`
	with := func(old, replacement string) string {
		if !strings.Contains(choice, old) {
			t.Fatalf("%s is not in the answer", old)
		}
		return `{"choices":[` + strings.Replace(choice, old, replacement, 1) + `]}`
	}
	tests := map[string]string{
		"nothing":             ``,
		"null":                `null`,
		"no choices":          `{}`,
		"no choice":           `{"choices":[]}`,
		"two choices":         `{"choices":[` + choice + `,` + choice + `]}`,
		"two objects":         `{"choices":[` + choice + `]} {}`,
		"an error":            `{"error":{"message":"x"}}`,
		"too long":            `{"choices":[` + choice + `]}` + strings.Repeat(" ", llm.MaxAnswer),
		"length":              with(`"stop"`, `"length"`),
		"content filter":      with(`"stop"`, `"content_filter"`),
		"tool calls":          with(`"stop"`, `"tool_calls"`),
		"a tool call":         with(`{"content"`, `{"tool_calls":[{"id":"1"}],"content"`),
		"a function call":     with(`{"content"`, `{"function_call":{"name":"f"},"content"`),
		"a refusal":           with(`{"content"`, `{"refusal":"I won't","content"`),
		"no content":          `{"choices":[{"message":{},"finish_reason":"stop"}]}`,
		"null content":        `{"choices":[{"message":{"content":null},"finish_reason":"stop"}]}`,
		"content in parts":    `{"choices":[{"message":{"content":[{"type":"text","text":"x"}]}}]}`,
		"content that is one": `{"choices":[{"message":{"content":` + object + `}}]}`,
		"empty":               completion(``),
		"a word":              completion(`benign`),
		"a string":            completion(`"benign"`),
		"a list":              completion(`[` + object + `]`),
		"nested":              completion(`{"answer":` + object + `}`),
		"two answers":         completion(object + object),
		"prose before":        completion(`Sure! ` + object),
		"prose after":         completion(object + ` I hope this helps.`),
		"prose and fence":     completion("Here it is:\n```json\n" + object + "\n```"),
		"fence and prose":     completion("```json\n" + object + "\n```\nBye."),
		"two fences":          completion("```json\n" + object + "\n```\n```json\n" + object + "\n```"),
		"open fence":          completion("```json\n" + object),
		"another fence":       completion("```yaml\n" + object + "\n```"),
		"fence alone":         completion("```"),
		"thoughts":            completion("<think>Hm.</think>" + object),
		"half":                completion(object[:len(object)-3]),
		"no commas":           completion(strings.ReplaceAll(object, ",", " ")),
		"a comma too many":    completion(strings.Replace(object, "}", ",}", 1)),
		"comment":             completion(object + "// done"),
		"single quotes":       completion(strings.ReplaceAll(object, `"`, `'`)),
		"no id":               completion(`{"label":"benign","score":0}`),
		"another id":          completion(`{"id":"0000000000000000","label":"benign","score":0}`),
		"id in capitals":      completion(strings.Replace(object, id, strings.ToUpper(id), 1)),
		"id with a space":     completion(strings.Replace(object, id, id+" ", 1)),
		"id null":             completion(`{"id":null,"label":"benign","score":0}`),
		"no label":            completion(`{"id":"` + id + `","score":0}`),
		"unknown label":       completion(`{"id":"` + id + `","label":"fine","score":0}`),
		"label in capitals":   completion(`{"id":"` + id + `","label":"Benign","score":0}`),
		"label null":          completion(`{"id":"` + id + `","label":null,"score":0}`),
		"no score":            completion(`{"id":"` + id + `","label":"benign"}`),
		"score null":          completion(`{"id":"` + id + `","label":"benign","score":null}`),
		"score a string":      completion(`{"id":"` + id + `","label":"benign","score":"0"}`),
		"score NaN":           completion(`{"id":"` + id + `","label":"benign","score":NaN}`),
		"score infinite":      completion(`{"id":"` + id + `","label":"scam","score":1e999}`),
		"score negative":      completion(`{"id":"` + id + `","label":"benign","score":-0.01}`),
		"score above one":     completion(`{"id":"` + id + `","label":"scam","score":1.001}`),
		"score a list":        completion(`{"id":"` + id + `","label":"scam","score":[1]}`),
		"score in percent":    completion(`{"id":"` + id + `","label":"scam","score":95}`),
		"benign and harmful":  completion(`{"id":"` + id + `","label":"benign","score":0.98}`),
		"benign by half":      completion(`{"id":"` + id + `","label":"benign","score":0.5}`),
		"as good as half":     completion(`{"id":"` + id + `","label":"benign","score":0.495}`),
		"a member too many":   completion(`{"id":"` + id + `","label":"benign","score":0,"why":"x"}`),
		"another for one":     completion(`{"id":"` + id + `","label":"benign","risk":0}`),
		"label twice":         completion(`{"id":"` + id + `","label":"scam","label":"benign","score":0}`),
		"score twice":         completion(`{"id":"` + id + `","label":"scam","score":1,"score":0}`),
		"names in capitals":   completion(`{"ID":"` + id + `","Label":"benign","Score":0}`),
	}
	for name, body := range tests {
		if got, err := llm.ParseAnswer([]byte(body), id); err == nil || got != (llm.Opinion{}) {
			t.Errorf("%s: got %+v, %v, want no opinion", name, got, err)
		}
	}
}

func FuzzParseAnswer(f *testing.F) {
	object := `{"id":"` + id + `","label":"scam","score":0.93}`
	f.Add(completion(object), false)
	f.Add(object, true)
	f.Add("```json\n"+object+"\n```", true)
	f.Add(`{"id":"`+id+`","label":"benign","score":-0e99}`, true)
	f.Add(`{"choices":[{"message":{"content":null}}]}`, false)
	f.Fuzz(func(t *testing.T, body string, wrapped bool) {
		if wrapped {
			body = completion(body)
		}
		got, err := llm.ParseAnswer([]byte(body), id)
		if err != nil {
			if got != (llm.Opinion{}) {
				t.Errorf("an opinion with an error: %+v, %v", got, err)
			}
			return
		}
		switch got.Label {
		case llm.Benign, llm.Scam, llm.Spam, llm.Abuse, llm.Injection:
		default:
			t.Errorf("label %q", got.Label)
		}
		if !(got.Score >= 0 && got.Score <= 1) || got.Label == llm.Benign && got.Score >= 0.5 {
			t.Errorf("got %+v", got)
		}
		if !strings.Contains(body, id) && !strings.Contains(body, `\u`) {
			t.Errorf("accepted without the id: %q", body)
		}
	})
}
