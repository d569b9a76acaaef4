package judgetest

import (
	"encoding/json"
	"fmt"
	"net/http"

	"chainmail/guard/llm"
)

// Says is the opinion of a model that works.
func Says(label llm.Label, score float64) Answer {
	return func(w http.ResponseWriter, _ *http.Request, q Question) { complete(w, q.ID, label, score) }
}

// WrongID answers another question than it was asked.
func WrongID(w http.ResponseWriter, _ *http.Request, _ Question) {
	complete(w, "0000000000000000", llm.Benign, 0)
}

// Status answers with a status alone.
func Status(code int) Answer {
	return func(w http.ResponseWriter, _ *http.Request, _ Question) { w.WriteHeader(code) }
}

// HTML answers with a page.
func HTML(w http.ResponseWriter, _ *http.Request, _ Question) {
	fmt.Fprint(w, "<!doctype html><title>Welcome</title>")
}

// Silent answers nothing for as long as somebody waits.
func Silent(_ http.ResponseWriter, r *http.Request, _ Question) { <-r.Context().Done() }

// Trickle sends an answer that does not end for as long as somebody waits.
func Trickle(w http.ResponseWriter, r *http.Request, _ Question) {
	fmt.Fprint(w, `{"choices":[`)
	_ = http.NewResponseController(w).Flush() // it fails when nobody waits
	<-r.Context().Done()
}

// After gives an answer once the channel is closed.
func After(released <-chan struct{}, answer Answer) Answer {
	return func(w http.ResponseWriter, r *http.Request, q Question) {
		select {
		case <-released:
			answer(w, r, q)
		case <-r.Context().Done():
		}
	}
}

// Then gives an answer and does something once it is on its way.
func Then(answer Answer, after func()) Answer {
	return func(w http.ResponseWriter, r *http.Request, q Question) {
		answer(w, r, q)
		_ = http.NewResponseController(w).Flush() // it fails when nobody waits
		after()
	}
}

// complete writes a chat completion with a judgement.
func complete(w http.ResponseWriter, id string, label llm.Label, score float64) {
	judgement := fmt.Sprintf(`{"id":%q,"label":%q,"score":%v}`, id, label, score)
	type message struct {
		Role    string `json:"role"`
		Content string `json:"content"`
	}
	type choice struct {
		FinishReason string  `json:"finish_reason"`
		Message      message `json:"message"`
	}
	_ = json.NewEncoder(w).Encode(map[string]any{ // it fails when nobody waits
		"object": "chat.completion", "model": Name,
		"choices": []choice{{FinishReason: "stop", Message: message{"assistant", judgement}}},
	})
}
