package frame

// maxPlain is longer than every name that a slip can be.
const maxPlain = 32

// plainNames are the fields' names as appendPlain makes them.
var plainNames = [fieldCount]string{
	"type", "ref", "content", "conversationid", "receiverid", "clientmessageid", "messageid",
	"messageids", "istyping", "channel", "since", "logid", "token",
}

// appendPlain appends a name without what spellings differ in: the case of ASCII letters, and the
// signs between words. A name that is longer than maxPlain comes out empty: it is nobody's slip.
func appendPlain(dst, name []byte) []byte {
	start := len(dst)
	for _, c := range name {
		switch {
		case c == '_' || c == '-' || c == '.' || c == ' ':
			continue
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		}
		if len(dst)-start == maxPlain {
			return dst[:start]
		}
		dst = append(dst, c)
	}
	return dst
}
