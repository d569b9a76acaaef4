// Package llm asks a language model what it thinks of one text, at any address that speaks the chat completions of OpenAI's HTTP API: `POST {url}/chat/completions`.
//
// It promises an answer in time: an opinion, or an error with one of a few fixed words, never later than Settings.Timeout. An opinion is never a guess: an answer whose shape or
// values are not exactly what was asked for is no opinion but the failure Malformed. Neither errors nor counts hold the user's text, the model's words or the key.
//
// The text is data. It goes as a JSON string in a message of its own, between lines with an id drawn at random for this one request, and the answer must repeat that id: an
// answer that the text dictated cannot have it. docs/decisions/0012-language-model.md says why all this is so.
//
// What an opinion counts for is for the callers to decide (guard.Guard.WithModel: it can only add to a score). The package logs nothing and stores nothing on disk.
// One thing is out of its hands: net/http itself logs what a broken server of HTTP/1 sends on a connection without having been asked.
package llm
