package wallet_test

import (
	"errors"
	"strings"
	"testing"

	"chainmail/transport/wallet"
)

// eip55 are the test cases of EIP-55: all caps, all lower, mixed.
var eip55 = []string{
	"0x52908400098527886E0F7030069857D2E4169EE7",
	"0x8617E340B3D01FA5F11F306F4090FD50E238070D",
	"0xde709f2102306220921060314715629080e2fb77",
	"0x27b1fdb04752bbc536007a920d24acb045561c26",
	"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
	"0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
	"0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
	"0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
}

func TestAddressForms(t *testing.T) {
	t.Parallel()
	for _, text := range eip55 {
		a, err := wallet.ParseAddress(text)
		if err != nil || a.String() != text || a.Lower() != strings.ToLower(text) {
			t.Errorf("%s: %v, prints %s and %s", text, err, a, a.Lower())
		}
		if lower, err := wallet.ParseAddress(strings.ToLower(text)); err != nil || lower != a {
			t.Errorf("%s in lower case: %v", text, err)
		}
	}
}

// TestAddressCase changes the case of one letter at a time: no such address is taken.
func TestAddressCase(t *testing.T) {
	t.Parallel()
	for _, text := range eip55 {
		for i := 2; i < len(text); i++ {
			changed := []byte(text)
			changed[i] ^= 'a' - 'A'
			if text[i] < 'A' || string(changed) == strings.ToLower(text) {
				continue
			}
			if _, err := wallet.ParseAddress(string(changed)); !errors.Is(err, wallet.ErrAddress) {
				t.Errorf("%s: %v", changed, err)
			}
		}
	}
	upper := "0x" + strings.ToUpper(eip55[4][2:])
	if _, err := wallet.ParseAddress(upper); !errors.Is(err, wallet.ErrAddress) {
		t.Errorf("%s: %v", upper, err)
	}
}

func TestAddressMalformed(t *testing.T) {
	t.Parallel()
	good := eip55[4]
	for _, text := range []string{
		"", "0x", good[2:], "0X" + good[2:], good[:41], good[:40], good + "0", good + "00", " " + good, good + " ", "0x" + strings.Repeat("g", 40), "0x" + strings.Repeat("é", 20),
	} {
		if a, err := wallet.ParseAddress(text); !errors.Is(err, wallet.ErrAddress) || a != (wallet.Address{}) {
			t.Errorf("%q: %v %v", text, a, err)
		}
	}
}
