package frame

// typeList names what a client can send, for a hint.
const typeList = "chat_message, delivered, read, read_receipt, typing, ping, subscribe, unsubscribe, sync, authenticate"

// typeSlips are other systems' words for our types, by their plain names.
var typeSlips = map[string]Type{
	"message":         ChatMessage,
	"msg":             ChatMessage,
	"chat":            ChatMessage,
	"text":            ChatMessage,
	"send":            ChatMessage,
	"sendmessage":     ChatMessage,
	"sendchatmessage": ChatMessage,
	"newmessage":      ChatMessage,
	"directmessage":   ChatMessage,
	"privatemessage":  ChatMessage,
	"ack":             Delivered,
	"received":        Delivered,
	"messageack":      Delivered,
	"delivery":        Delivered,
	"deliveryreceipt": Delivered,
	"seen":            Read,
	"messageread":     Read,
	"messagesread":    Read,
	"markread":        Read,
	"markasread":      Read,
	"istyping":        Typing,
	"typingindicator": Typing,
	"typingstart":     Typing,
	"typingstop":      Typing,
	"starttyping":     Typing,
	"stoptyping":      Typing,
	"keepalive":       Ping,
	"join":            Subscribe,
	"leave":           Unsubscribe,
	"resume":          Sync,
	"resync":          Sync,
	"catchup":         Sync,
	"auth":            Authenticate,
	"login":           Authenticate,
	"reauthenticate":  Authenticate,
	"refreshtoken":    Authenticate,
}

func unknownType(name string) *Error {
	e := &Error{Code: UnknownType, Field: fieldType.String(), Hint: suggestType(name)}
	e.Message = "there is no frame type " + echo(name) + ": the types are " + typeList
	if e.Hint != typeList {
		e.Message = "there is no frame type " + echo(name) + ": did you mean " + e.Hint + "?"
	}
	return e
}

// suggestType returns the type that was probably meant, or the list of all.
func suggestType(name string) string {
	var room [maxPlain]byte
	plain := string(appendPlain(room[:0], []byte(name)))
	if t, ok := typeSlips[plain]; ok {
		return string(t)
	}
	best, least := typeList, 3
	for known := range shapes {
		d := distance(plain, string(appendPlain(nil, []byte(known))))
		if d*3 <= len(plain) && (d < least || d == least && known < best) {
			best, least = known, d
		}
	}
	return best
}

// distance is the Levenshtein distance of two texts in bytes: how many must be added, removed or
// changed to turn one into the other.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, diagonal+1, row[j]+1)
		}
	}
	return row[len(b)]
}
