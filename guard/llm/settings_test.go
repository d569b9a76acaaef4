package llm_test

import (
	"strings"
	"testing"
	"time"

	"chainmail/guard/llm"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	const fine = "https://host.test/v1"
	tests := []struct {
		name     string
		settings llm.Settings
		want     string // of the error; "" for none
	}{
		{"as it should be", llm.Settings{URL: fine, Model: "m"}, ""},
		{"a port and a slash", llm.Settings{URL: "http://[::1]:11434/v1/", Model: "m"}, ""},
		{"no path", llm.Settings{URL: "http://host.test", Model: "m"}, ""},
		{"no address", llm.Settings{Model: "m"}, "is missing"},
		{"no scheme", llm.Settings{URL: "host.test/v1", Model: "m"}, "http://"},
		{"a scheme that isn't", llm.Settings{URL: "localhost:11434/v1", Model: "m"}, "http://"},
		{"another scheme", llm.Settings{URL: "ftp://host.test/v1", Model: "m"}, "http://"},
		{"no host", llm.Settings{URL: "https:///v1", Model: "m"}, "no host"},
		{"a port alone", llm.Settings{URL: "https://:443/v1", Model: "m"}, "no host"},
		{"no URL", llm.Settings{URL: "https://host.test/%zz", Model: "m"}, "not a URL"},
		{"a password", llm.Settings{URL: "https://user:" + secret + "@host.test/v1", Model: "m"}, "password"},
		{"a query", llm.Settings{URL: fine + "?key=" + secret, Model: "m"}, "query"},
		{"an empty query", llm.Settings{URL: fine + "?", Model: "m"}, "query"},
		{"a fragment", llm.Settings{URL: fine + "#", Model: "m"}, "fragment"},
		{"too long", llm.Settings{URL: fine + "/chat/completions", Model: "m"}, "/chat/completions"},
		{"no model", llm.Settings{URL: fine, Model: " "}, "model's name"},
		{"a key on two lines", llm.Settings{URL: fine, Model: "m", Key: secret + "\n"}, "key"},
		{"a key that is none", llm.Settings{URL: fine, Model: "m", Key: secret + "é"}, "key"},
		{"a negative timeout", llm.Settings{URL: fine, Model: "m", Timeout: -time.Second}, "negative"},
		{"a negative bound", llm.Settings{URL: fine, Model: "m", Concurrent: -1}, "negative"},
	}
	for _, tt := range tests {
		c, err := llm.New(tt.settings)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", tt.name, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: got error %v, want one with %q", tt.name, err, tt.want)
		case err != nil && strings.Contains(err.Error(), secret):
			t.Errorf("%s: the error says too much: %v", tt.name, err)
		}
		if c != nil {
			if got := c.Model(); got != tt.settings.Model {
				t.Errorf("%s: model %q", tt.name, got)
			}
			c.Close()
		}
	}
}
