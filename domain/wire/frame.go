package wire

// Frame is one JSON object for a client, made from a struct. The struct's tags say what AppendJSON writes, field by
// field and in the same order, after the member "type"; wiretest holds one against the other.
//
//   - json:"name" gives the member its name; with ",omitempty" or ",omitzero" it is left out where the field is zero.
//     json:"-" marks a field that is no member.
//   - nullable:"true" says that the member is null where the field is zero. A pointer that is not left out is null
//     where it is nil, without this tag.
//   - const:"name=text" is a member with the same value in every frame. Its field is blank: _ struct{}.
//   - enum:"a,b" lists all values of a string, pattern is one that it matches. minimum and maximum bound a number.
//   - type:"string" is the member's JSON type where Go's does not tell; type:"any" is any JSON.
//   - doc is for people.
type Frame interface {
	// AppendJSON appends the whole frame.
	AppendJSON(dst []byte) []byte
}

// Description is what people are told of a type of frame, beside what its struct says.
type Description struct {
	Name     string  // what the frame has as "type"
	Key      string  // what its description is known by, where several share the name; else empty
	Title    string  // a few words
	Summary  string  // what it says, and who gets it
	Examples []Frame // at least one, all of one Go type
}
