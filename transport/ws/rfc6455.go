package ws

import (
	"encoding/binary"
	"unicode/utf8"
)

// The first bytes of the frames that a server writes: the final bit and an opcode (RFC 6455 §5.2).
const (
	textFrame  = 0x81
	closeFrame = 0x88
	pingFrame  = 0x89
	pongFrame  = 0x8A
)

// Close codes (RFC 6455 §7.4.1).
const (
	codeNormal        = 1000
	codeGoingAway     = 1001
	codeProtocolError = 1002
	codeUnsupported   = 1003
	codeNoStatus      = 1005 // never on the wire: the close frame was empty
	codeAbnormal      = 1006 // never on the wire: there was no close frame
	codeNotUTF8       = 1007
	codePolicy        = 1008
	codeTooBig        = 1009
	codeRestart       = 1012
	codeTryAgainLater = 1013
)

// maxReason is how long a close reason may be: a control frame has 125 bytes, two are the code.
const maxReason = 123

// headerRoom is the length of a header for 126 to 65,535 bytes, which nearly all frames have.
const headerRoom = 4

// appendFrame appends a frame with its header.
func appendFrame(dst []byte, first byte, payload []byte) []byte {
	return append(appendHeader(dst, first, len(payload)), payload...)
}

// appendHeader appends the header of an unmasked frame: the payload's length in 7, 7+16 or 7+64
// bits (RFC 6455 §5.2).
func appendHeader(dst []byte, first byte, length int) []byte {
	switch {
	case length < 126:
		return append(dst, first, byte(length))
	case length <= 0xFFFF:
		return binary.BigEndian.AppendUint16(append(dst, first, 126), uint16(length))
	default:
		return binary.BigEndian.AppendUint64(append(dst, first, 127), uint64(length))
	}
}

// message is a frame of package frame: it appends itself as JSON.
type message interface{ AppendJSON(dst []byte) []byte }

// appendText appends a text frame with the message as its payload.
func appendText(dst []byte, m message) []byte {
	start := len(dst)
	dst = m.AppendJSON(append(dst, make([]byte, headerRoom)...))
	length := len(dst) - start - headerRoom
	var room [10]byte
	header := appendHeader(room[:0], textFrame, length)
	if len(header) != headerRoom {
		dst = append(dst, make([]byte, max(0, len(header)-headerRoom))...)
		copy(dst[start+len(header):], dst[start+headerRoom:start+headerRoom+length])
		dst = dst[:start+len(header)+length]
	}
	copy(dst[start:], header)
	return dst
}

// appendClose appends a close frame (RFC 6455 §5.5.1). codeNoStatus makes an empty one.
func appendClose(dst []byte, code int, reason string) []byte {
	if code == codeNoStatus {
		return appendHeader(dst, closeFrame, 0)
	}
	if len(reason) > maxReason {
		cut := maxReason
		for !utf8.RuneStart(reason[cut]) {
			cut--
		}
		reason = reason[:cut]
	}
	dst = appendHeader(dst, closeFrame, 2+len(reason))
	dst = binary.BigEndian.AppendUint16(dst, uint16(code))
	return append(dst, reason...)
}

// frameLength returns the length, header included, of the frame that b begins with. The frame is
// one of ours and whole.
func frameLength(b []byte) int {
	switch b[1] {
	case 126:
		return 4 + int(binary.BigEndian.Uint16(b[2:]))
	case 127:
		return 10 + int(binary.BigEndian.Uint64(b[2:]))
	default:
		return 2 + int(b[1])
	}
}

// wholeFrames returns how many bytes of b are frames that begin before the limit. b holds whole
// frames only.
func wholeFrames(b []byte, limit int) int {
	n := 0
	for n < len(b) && n < limit {
		n += frameLength(b[n:])
	}
	return n
}
