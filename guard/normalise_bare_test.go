package guard_test

import (
	"testing"

	"chainmail/guard"
)

// Bare is without what stands between words and means nothing, and keeps what does.
func TestNormaliseBare(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"send_me your *seed* ~phrase~":            "send me your seed phrase",
		"your \"seed\" (phrase)":                  "your seed phrase",
		"the <b>se</b>ed<br>phrase":               "the seed phrase",
		"your 🌱seed🌱 🔑phrase🔑":                    "your seed phrase🔑",
		"🇸🇪🇪🇩 phrase":                             "seed phrase",
		"send, me, your, seed":                    "send me your seed",
		"your... seed phrase":                     "your seed phrase",
		"your\nseed phrase":                       "your seed phrase",
		"yes, it is. No, it is not.\nAnd again":   "yes, it is. no, it is not.\nand again",
		"sendmeyourseedphrase":                    "send me your seed phrase",
		"see d phra se":                           "seed phrase",
		"sendd mee yourr seeed phrase":            "send me your seed phrase",
		"send/me/your/seed|phrase":                "send me your seed phrase",
		"he said \"send me your seed\" 😂 to me":   "he said \"send me your seed\" 😂 to me",
		"https://example.org/a_b/c and @some_one": "https://example.org/a_b/c and @some_one",
		"fun at home 🎉":                           "fun at home 🎉",
		"s€€d at 20€ or £5":                       "seed at 20€ or £5",
	} {
		if got := guard.Normalise(text).Bare; got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// The name of a site before an @ is told from a user's, and from a mail address.
func TestLinkUserInfo(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"https://example.org@evil.example/x":      true,
		"https://example.org:pw@evil.example":     true,
		"https://example.org%40evil.com":          true,
		"https://tom@git.example.com/repo":        false,
		"https://tom:secret@git.example.com/repo": false,
		"write to tom@example.com":                false,
	} {
		links := guard.Normalise(text).Links
		if len(links) != 1 || links[0].UserInfo != want {
			t.Errorf("%q: got %+v, want one with %v", text, links, want)
		}
	}
}
