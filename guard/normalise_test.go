package guard_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"chainmail/guard"
)

// normalised is a text and all that Normalise is to make of it; joined is "" where it is folded.
type normalised struct {
	text, folded, joined string
	disguise             guard.Disguise
}

func TestNormalisePlain(t *testing.T) {
	t.Parallel()
	check(t, []normalised{
		{text: ""},
		{text: "Hello There", folded: "hello there"},
		{text: "tab\tand\r\nlines\rand\x00nothing", folded: "tab and\nlines\nandnothing"},
		{text: "Straße über Łódź, naïve café", folded: "strasse uber lodz, naive cafe"},
		{text: "cafe\u0301 mit\u00a0Freunden", folded: "cafe mit freunden"},
		{text: "in 5mins or in 7days with your 1password and the 3com", folded: "in 5mins or in 7days with your 1password and the 3com"},
		{text: "we bought $sol on 4chan the 2nd time and web3 too", folded: "we bought $sol on 4chan the 2nd time and web3 too"},
		{text: "covid19 and an mp3 on the gr8 iphone15 at 10am is for you", folded: "covid19 and an mp3 on the gr8 iphone15 at 10am is for you"},
		{text: "4u and p2p the 3rd time with an h1b and v1beta of it", folded: "4u and p2p the 3rd time with an h1b and v1beta of it"},
		{text: "it costs £3.50 or $20, 100%fab, call 0800-555", folded: "it costs £3.50 or $20, 100%fab, call 0800-555"},
		{text: "0x4f1a2b3c @l33tuser #w3b $S0L user_n4me", folded: "0x4f1a2b3c @l33tuser #w3b $s0l user_n4me"},
		{text: "U.S.A. e.g. a b c", folded: "u.s.a. e.g. a b c"},
		{text: "two  blanks   and\t\ttabs ", folded: "two blanks and tabs"},
		{text: "1 2 3 4 5 6 7", folded: "1 2 3 4 5 6 7"},
		{text: "a & b &amp; c &lt;3", folded: "a & b & c <3"},
		{text: "family 👨\u200d👩\u200d👧 flag 🇸🇪 love ❤️", folded: "family 👨👩👧 flag 🇸🇪 love ❤"},
		{text: "\ufeffnice song\u200b \ufeff", folded: "nice song"}, // left over by other programs, no trick
		{text: "\xff\xfe", folded: "\ufffd\ufffd"},
	})
}

func TestNormaliseOtherScripts(t *testing.T) {
	t.Parallel()
	check(t, []normalised{
		{text: "Привет, как дела?", folded: "привет, как дела?"},
		{text: "Кошелек USDT и seed фраза", folded: "кошелек usdt и seed фраза"},
		{text: "Йод и ёлка", folded: "йод и ёлка"},
		{text: "СРОЧНО ВТС кошелек", folded: "срочно втс кошелек"},
		{text: "he said сор и жир, ok", folded: "he said сор и жир, ok"}, // real Russian beside it
		{text: "he said ορα και λόγος", folded: "he said ορα και λόγος"},
		{text: "hello мост", folded: "hello мост"},
		{text: "Καλημέρα, τι κάνεις;", folded: "καλημέρα, τι κάνεις;"},
		{text: "مرحبا كيف حالك", folded: "مرحبا كيف حالك"},
		{text: "สวัสดี ครับ", folded: "สวัสดี ครับ"},
		{text: "नमस्ते दुनिया", folded: "नमस्ते दुनिया"},
		{text: "می\u200cخواهم بروم", folded: "میخواهم بروم"},
		{text: "今晚一起吃饭吗？", folded: "今晚一起吃饭吗?"},
		{text: "오늘 저녁에", folded: "오늘 저녁에"},
	})
}

func TestNormaliseDisguised(t *testing.T) {
	t.Parallel()
	check(t, []normalised{
		{text: "s\u200be\u200ce\u2060d phr\u00adase", folded: "seed phrase", disguise: guard.Invisible},
		{text: "s̷̛̪e̶͎̽e̴̞͝d̸̨", folded: "seed", disguise: guard.Stacked},
		{text: "send \u202eesarhp dees\u202c now", folded: "send seed phrase now", disguise: guard.Bidi},
		{text: "ѕееd рhrаѕе frоm mеtаmаѕk", folded: "seed phrase from metamask", disguise: guard.Homoglyphs},
		{text: "send ВТС now", folded: "send btc now", disguise: guard.Homoglyphs},
		{text: "ѕееԁ and more", folded: "seed and more", disguise: guard.Homoglyphs},
		{text: "рassԝоrd", folded: "password", disguise: guard.Homoglyphs},
		{text: "пoдapoк для вcех", folded: "подарок для всех", disguise: guard.Homoglyphs},
		{text: "3аработок дома", folded: "заработок дома", disguise: guard.Leet},
		{text: "𝓼𝓮𝓮𝓭 𝐩𝐡𝐫𝐚𝐬𝐞", folded: "seed phrase", disguise: guard.Styled},
		{text: "ｓｅｅｄ ⓢⓔⓔⓓ 🅢🅔🅔🅓 🅂🄴🄴🄳 ⒮⒠⒠⒟ ꜱᴇᴇᴅ", folded: "seed seed seed seed seed seed", disguise: guard.Styled},
		{text: "🇸 🇪 🇪 🇩", folded: "s e e d", joined: "seed", disguise: guard.Styled | guard.Spaced},
		{text: "%73%65%65%64 %2573eed", folded: "seed seed", disguise: guard.Encoded},
		{text: "&#115;&#x65;ed &lt;b&gt;", folded: "seed <b>", disguise: guard.Encoded},
		{text: `\u0073eed \x73eed`, folded: "seed seed", disguise: guard.Encoded},
		{text: "fr33 p@ssw0rd s33d cl41m y0ur a1rdrop wa11et c!aim 0ffer", folded: "free password seed claim your airdrop wallet claim offer", disguise: guard.Leet},
		{text: "wh@t 1$ y0ur p1n, k1ll th3 val1d wa11et wal1et tran$act10n", folded: "what is your pin, kill the valid wallet wallet transaction", disguise: guard.Leet},
		{text: "s e e d   p h r a s e please", folded: "s e e d p h r a s e please", joined: "seed phrase please", disguise: guard.Spaced},
		{text: "S E N D  M E  Y O U R  S E E D now", folded: "s e n d m e y o u r s e e d now", joined: "send me your seed now", disguise: guard.Spaced},
		{text: "s e n d m e y o u r s e e d", folded: "s e n d m e y o u r s e e d", joined: "send me your seed", disguise: guard.Spaced},
		{text: "s  e  e  d", folded: "s e e d", joined: "seed", disguise: guard.Spaced},
		{text: "send me your $eed, 5eed, 533d or 1nvest", folded: "send me your seed, seed, seed or invest", disguise: guard.Leet},
		{text: "Нaбuрaю людей, зαpαбοτοк нa кpuптe, пapτнepoв", folded: "набираю людей, заработок на крипте, партнеров", disguise: guard.Homoglyphs},
		{text: "sell\nme\nyour\nbike now", folded: "sell\nme\nyour\nbike now", joined: "sell me your bike now"},
		{text: "two lines of text\nare two\nor three\nlines", folded: "two lines of text\nare two\nor three\nlines"},
		{text: "s.e.e.d s-e-e-d w*a*l*l*e*t", folded: "s.e.e.d s-e-e-d w*a*l*l*e*t", joined: "seed seed wallet", disguise: guard.Spaced},
		{text: "s 3 e d", folded: "s 3 e d", joined: "seed", disguise: guard.Spaced},
		{text: "𝔰\u200b𝔢е𝔡 %70hr4se", folded: "seed phrase", disguise: guard.Styled | guard.Invisible | guard.Homoglyphs | guard.Encoded | guard.Leet},
	})
}

func check(t *testing.T, cases []normalised) {
	t.Helper()
	for _, c := range cases {
		if c.joined == "" {
			c.joined = c.folded
		}
		got := guard.Normalise(c.text)
		if got.Original != c.text {
			t.Errorf("%q: original is %q", c.text, got.Original)
		}
		if got.Folded != c.folded {
			t.Errorf("%q: folded is %q, want %q", c.text, got.Folded, c.folded)
		}
		if got.Joined != c.joined {
			t.Errorf("%q: joined is %q, want %q", c.text, got.Joined, c.joined)
		}
		if got.Disguise != c.disguise {
			t.Errorf("%q: disguise is %09b, want %09b", c.text, got.Disguise, c.disguise)
		}
	}
}

func TestNormaliseLinks(t *testing.T) {
	t.Parallel()
	const disguised, loose, mail = "disguised", "loose", "mail"
	for _, c := range []struct {
		text string
		want string // URLs with their hosts where these differ, and marks
	}{
		{"nothing here. Or there.", ""},
		{"it is 5.30, costs 3.50 and runs 1.2.3.4", ""},
		{"main.go e.g. this, Wait.i will", ""},
		{"see https://Example.org/A?b=c.", "example.org/a?b=c"},
		{"http://localhost:8080/x", "localhost:8080/x"},
		{"http://1.2.3.4/x", "1.2.3.4/x"},
		{"https://\nexample.org/token", "example.org/token"},
		{"https://paypal.com@evil.example/x", "evil.example/x"},
		{"t.me/abc and wa.me/+123 (bit.ly/x)", "t.me/abc wa.me/+123 bit.ly/x"},
		{"example.com:8080/a example.com.", "example.com:8080/a example.com"},
		{"http://[2001:db8::1]/login and http://[::1]:8080/x", "[2001:db8::1]/login [::1]:8080/x"},
		{"see http://[not an address] or [::1]", ""},
		{"使用example.com吧", "example.com"},
		{"joe.doe@gmail.com", "gmail.com " + mail},
		{"ok.so what", "ok.so " + loose},
		{"hxxps://meta-mask[.]io/login", "meta-mask.io/login " + disguised},
		{"example dot com", "example.com " + disguised},
		{"example .com or example . com", "example.com " + disguised + " example.com " + disguised},
		{"bad(dot)example{dot}net", "bad.example.net " + disguised},
		{"https[:]//example[.]com", "example.com " + disguised},
		{"connect the dot please", ""},
		{"e%78ample.com", "example.com"},
		{"example。com", "example.com"},
		{"ex\u200bample.com", "example.com"},
	} {
		var got []string
		for _, link := range guard.Normalise(c.text).Links {
			got = append(got, link.URL)
			for mark, set := range map[string]bool{disguised: link.Disguised, loose: link.Loose, mail: link.Mail} {
				if set {
					got = append(got, mark)
				}
			}
		}
		if got := strings.Join(got, " "); got != c.want {
			t.Errorf("%q: links are %q, want %q", c.text, got, c.want)
		}
	}
}

func TestNormaliseHosts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, host, looksLike string }{
		{"https://www.example.org/", "www.example.org", "www.example.org"},
		{"pаypal.com", "pаypal.com", "paypal.com"}, // a Cyrillic а
		{"https://xn--80ak6aa92e.com", "аррӏе.com", "apple.com"},
		{"https://xn--zzzzzzzzzzzzz99999.com", "xn--zzzzzzzzzzzzz99999.com", "xn--zzzzzzzzzzzzz99999.com"},
		{"http://xn--mnchen-3ya.de", "münchen.de", "munchen.de"},
		{"paypa1.com", "paypa1.com", "paypal.com"},
		{"rnetamask.io/x", "rnetamask.io", "metamask.io"},
		{"PAYPAL.com", "paypal.com", "paypal.com"},
		{"еxample.соm/x", "еxample.соm", "example.com"},
	} {
		links := guard.Normalise(c.text).Links
		if len(links) != 1 {
			t.Errorf("%q: %d links, want one", c.text, len(links))
			continue
		}
		if links[0].Host != c.host {
			t.Errorf("%q: host is %q, want %q", c.text, links[0].Host, c.host)
		}
		if want := guard.Skeleton(c.looksLike); links[0].Skeleton != want {
			t.Errorf("%q: skeleton is %q, want %q", c.text, links[0].Skeleton, want)
		}
	}
}

func TestNormaliseTwiceIsOnce(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"𝓼𝓮𝓮𝓭 ѕееd fr33 s\u200beed", "Привет USDT", "Straße", "ok.so what 🇸🇪"} {
		once := guard.Normalise(text).Folded
		if twice := guard.Normalise(once).Folded; twice != once {
			t.Errorf("%q: folded is %q, folded again %q", text, once, twice)
		}
	}
}

// worstUnits are what to repeat to make the steps of Normalise do most.
var worstUnits = map[string]string{
	"letters apart":       "a ",
	"digits apart":        "1 ",
	"mixed separators":    "a b.",
	"dots":                "a.",
	"hosts":               "a.com ",
	"at signs":            "a@",
	"percent":             "%25",
	"percent broken":      "%ff",
	"entities":            "&#115;",
	"ampersands":          "&#",
	"brackets":            "[.]",
	"open brackets":       "[",
	"word dot":            " dot ",
	"zalgo":               "e\u0301\u0302\u0303",
	"marks":               "\u0301",
	"ligature":            "\ufdfa",
	"overrides":           "\u202ea\u202c",
	"override":            "\u202e",
	"mixed scripts":       "aа",
	"one script":          "а ",
	"mathematical":        "𝓼",
	"invalid":             "\xff",
	"backslashes":         `\u0061`,
	"schemes":             "https://",
	"wrapped scheme":      "http:// ",
	"punycode":            "xn--a.",
	"spaces and dots":     " .",
	"hyphens":             "-",
	"leet":                "a1",
	"one long word":       "a",
	"regional letters":    "🇸",
	"Cyrillic capitals":   "ІX",
	"short apart":         "a b   ",
	"apart, then digits":  "a b   1 1 1 1 1 1 1 1 ",
	"words apart":         "s e n d m e ",
	"line a word":         "a\n",
	"leet words":          "s33d m3 ",
	"signs":               "@$ ",
	"numbers in brackets": "http://[::1]",
}

// TestNormaliseBounded wants the result in proportion to the text; the benchmark shows the time.
func TestNormaliseBounded(t *testing.T) {
	t.Parallel()
	for name, unit := range worstUnits {
		text := strings.Repeat(unit, 10240/len(unit))
		got := guard.Normalise(text)
		if limit := 20 * len(text); len(got.Folded) > limit || len(got.Joined) > limit {
			t.Errorf("%s: %d bytes became %d and %d", name, len(text), len(got.Folded), len(got.Joined))
		}
		if len(got.Links) > 32 {
			t.Errorf("%s: %d links", name, len(got.Links))
		}
	}
}

func FuzzNormalise(f *testing.F) {
	for _, unit := range worstUnits {
		f.Add(unit, uint16(1))
		f.Add(unit, uint16(100))
	}
	classifier := guard.ShippedClassifier()
	f.Fuzz(func(t *testing.T, unit string, times uint16) {
		if len(unit) == 0 {
			return
		}
		text := strings.Repeat(unit, min(int(times), 10240/len(unit)))
		got := guard.Normalise(text)
		if !utf8.ValidString(got.Folded) || !utf8.ValidString(got.Joined) {
			t.Fatalf("%q: folded or joined is no UTF-8", text)
		}
		for _, link := range got.Links {
			if !utf8.ValidString(link.URL) || !strings.Contains(link.Host+link.Skeleton, ".") && link.Host == "" {
				t.Fatalf("%q: link %+v", text, link)
			}
		}
		if score := classifier.Score(got); !(score >= 0 && score <= 1) {
			t.Fatalf("%q: score is %g", text, score)
		}
	})
}
