package pgarray

// UUIDs encodes a uuid[].
func UUIDs[T ~[16]byte](values []T) []byte {
	b := NewUUIDs()
	for _, v := range values {
		b.UUID(v)
	}
	return b.Bytes()
}

// Texts encodes a text[].
func Texts[T ~string](values []T) []byte {
	b := NewTexts()
	for _, v := range values {
		b.Text(string(v))
	}
	return b.Bytes()
}

// Int8s encodes a bigint[].
func Int8s[T ~int64](values []T) []byte {
	b := NewInt8s()
	for _, v := range values {
		b.Int8(int64(v))
	}
	return b.Bytes()
}
