package history

import "fmt"

func sprint(format string, args ...any) string { return fmt.Sprintf(format, args...) }

// describe names what the log holds.
func describe(f *fact) string {
	text := f.kind
	if f.status != "" {
		text += " " + f.status
	}
	if !f.message.IsZero() {
		text += " of message " + f.message.String()
	}
	if !f.conversation.IsZero() {
		text += " in " + f.conversation.String()
	}
	if f.seq != 0 {
		text += fmt.Sprintf(", seq %d", f.seq)
	}
	return text
}

// describeEntry names a frame that came.
func describeEntry(e *Entry) string {
	return describe(&fact{kind: e.Type, status: e.Status, message: e.Message, conversation: e.Conversation, seq: e.Seq})
}
