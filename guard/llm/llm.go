package llm

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// Defaults of Settings.
const (
	DefaultTimeout    = 2 * time.Second
	DefaultConcurrent = 16
)

// Settings say whom to ask, and how much of it.
type Settings struct {
	URL        string        // up to what comes before /chat/completions: https://host/v1
	Model      string        // the model's name at that address
	Key        string        // sent as a bearer token; "" sends none. It is never logged, and in no error
	Timeout    time.Duration // of one Ask in all: waiting for a place, a retry and the answer. 0 is DefaultTimeout
	Concurrent int           // requests under way at once. 0 is DefaultConcurrent
}

// Label is what kind of text the model takes it for. The words are fixed.
type Label string

// The labels that an Opinion can have.
const (
	Benign    Label = "benign"    // nothing is wrong with it
	Scam      Label = "scam"      // deceit to get at a wallet, an account or money
	Spam      Label = "spam"      // advertising that nobody asked for
	Abuse     Label = "abuse"     // threats, harassment, hatred
	Injection Label = "injection" // meant to steer a language model that reads it
)

// Opinion is what the model thinks of a text.
type Opinion struct {
	Label Label
	Score float64 // the probability that the text is harmful: 0 to 1, two decimals. Below 0.5 when Label is Benign, so that it adds to no score
}

// Failure says in one word why there is no opinion. The words are fixed: they stand in events and metrics.
type Failure string

// The failures that an Error can have.
const (
	Timeout     Failure = "timeout"     // no answer in time, or the caller's context ended
	Busy        Failure = "busy"        // no place was free in time: Settings.Concurrent requests are under way
	Unavailable Failure = "unavailable" // cannot be reached, breaks off, answers 5xx or 408, or was not asked because it has failed too often lately
	Overloaded  Failure = "overloaded"  // it answers 429
	Refused     Failure = "refused"     // any other 4xx (a wrong key, an unknown model), or a redirect, which is not followed
	Malformed   Failure = "malformed"   // it answered, but not what it was asked
)

// Failures returns all failures, in a fixed order.
func Failures() []Failure {
	return []Failure{Timeout, Busy, Unavailable, Overloaded, Refused, Malformed}
}

// Error is the error of an Ask. Its text holds neither the user's text nor the model's words nor the key.
type Error struct {
	Failure Failure
	Err     error
}

// Error describes the failure for a log.
func (e *Error) Error() string {
	return fmt.Sprintf("ask language model: %s: %v", e.Failure, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error {
	return e.Err
}

// check returns s with its defaults and its URL in the form of an endpoint, or an error that says what to do.
func (s Settings) check() (Settings, error) {
	endpoint, err := endpoint(s.URL)
	if err != nil {
		return s, err
	}
	s.URL = endpoint
	if strings.TrimSpace(s.Model) == "" {
		return s, errors.New("language model: the model's name is missing: give the name by which the address knows it")
	}
	if strings.ContainsFunc(s.Key, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return s, errors.New("language model: the key has a character that no key has: give it without spaces and line breaks")
	}
	if s.Timeout < 0 || s.Concurrent < 0 {
		return s, errors.New("language model: timeout and number of requests at once must not be negative: give 0 for the default")
	}
	if s.Timeout == 0 {
		s.Timeout = DefaultTimeout
	}
	if s.Concurrent == 0 {
		s.Concurrent = DefaultConcurrent
	}
	return s, nil
}

// endpoint returns the address of chat completions below base. No error repeats base: it may hold a password.
func endpoint(base string) (string, error) {
	bad := func(what string) (string, error) {
		return "", fmt.Errorf("language model: the address %s: give it like https://host/v1", what)
	}
	u, err := url.Parse(base)
	switch {
	case base == "":
		return bad("is missing")
	case err != nil:
		return bad("is not a URL")
	case u.Scheme != "http" && u.Scheme != "https":
		return bad("does not begin with http:// or https://")
	case u.Hostname() == "":
		return bad("names no host")
	case u.User != nil:
		return bad("has a user or password in it: a key has a setting of its own")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(base, "#"):
		return bad("has a query or fragment")
	}
	u.RawPath, u.Path = "", strings.TrimRight(u.Path, "/")
	if strings.HasSuffix(u.Path, "/chat/completions") {
		return bad("goes on after the version: /chat/completions is put behind it")
	}
	return u.JoinPath("chat", "completions").String(), nil
}
