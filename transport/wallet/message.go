package wallet

import (
	"strconv"
	"strings"
)

// The limits of a text. A login of this server is about 300 bytes.
const (
	MaxText      = 4096 // bytes
	MaxResources = 32
)

// version is the only version that EIP-4361 has.
const version = "1"

// The fixed words of the message, in their order (EIP-4361, "ABNF Message Format").
const (
	preamble         = " wants you to sign in with your Ethereum account:"
	uriLabel         = "URI: "
	versionLabel     = "Version: "
	chainLabel       = "Chain ID: "
	nonceLabel       = "Nonce: "
	issuedLabel      = "Issued At: "
	expirationLabel  = "Expiration Time: "
	notBeforeLabel   = "Not Before: "
	requestLabel     = "Request ID: "
	resourcesHeading = "Resources:"
	resourceLabel    = "- "
)

// Message is what a text of EIP-4361 says. The version isn't in it: there is only "1".
type Message struct {
	Scheme         string // of the origin that asks; empty where the text has none
	Domain         string // its RFC 3986 authority: host, and port where it isn't the scheme's own
	Address        Address
	Statement      string // what the person agrees to; empty for none
	URI            string // the subject of the login
	ChainID        uint64 // EIP-155
	Nonce          string // at least 8 letters and digits
	IssuedAt       Timestamp
	ExpirationTime Timestamp // zero for none
	NotBefore      Timestamp // zero for none
	RequestID      string    // empty for none
	Resources      []string  // URIs; nil where the text has no such heading, which differs from an empty list
}

// Text prints the message for a wallet to sign. For every message that [Parse] gave,
// Parse(m.Text()) is m, and the text is the one that was parsed. A message put together from
// elsewhere isn't checked: whoever prints one from what he doesn't control should parse the text
// and compare, for a line break in a field would make it say something else.
func (m Message) Text() string {
	var b strings.Builder
	if m.Scheme != "" {
		b.WriteString(m.Scheme + "://")
	}
	b.WriteString(m.Domain + preamble + "\n")
	b.WriteString(m.Address.String() + "\n\n")
	if m.Statement != "" {
		b.WriteString(m.Statement + "\n")
	}
	b.WriteString("\n" + uriLabel + m.URI)
	b.WriteString("\n" + versionLabel + version)
	b.WriteString("\n" + chainLabel + strconv.FormatUint(m.ChainID, 10))
	b.WriteString("\n" + nonceLabel + m.Nonce)
	b.WriteString("\n" + issuedLabel + m.IssuedAt.String())
	optional := func(label, value string) {
		if value != "" {
			b.WriteString("\n" + label + value)
		}
	}
	optional(expirationLabel, m.ExpirationTime.String())
	optional(notBeforeLabel, m.NotBefore.String())
	optional(requestLabel, m.RequestID)
	if m.Resources != nil {
		b.WriteString("\n" + resourcesHeading)
	}
	for _, r := range m.Resources {
		b.WriteString("\n" + resourceLabel + r)
	}
	return b.String()
}
