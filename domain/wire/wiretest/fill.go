package wiretest

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"time"
)

// texts are what a random string is put together from.
var texts = []string{"a", "é", "🙂", `"`, `\`, "<b>&", "\u2028", "\n", "\x01", "2025-03-04T05:06:07Z", " "}

// Fill gives the frame, a pointer to its struct, random values that its tags allow. One in four of the fields that may
// be left out or null is.
func Fill(r *rand.Rand, frame any) { fillStruct(r, reflect.ValueOf(frame).Elem()) }

func fillStruct(r *rand.Rand, v reflect.Value) {
	for field, value := range v.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		mayLack := options != "" || field.Tag.Get("nullable") == "true" || field.Type.Kind() == reflect.Pointer
		switch {
		case !field.IsExported() || name == "-":
		case mayLack && r.IntN(4) == 0:
			value.SetZero()
		default:
			fill(r, value, field.Tag)
		}
	}
}

func fill(r *rand.Rand, v reflect.Value, tag reflect.StructTag) {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Unix(r.Int64N(4e9), r.Int64N(1e9))))
		return
	case time.Duration:
		unit := time.Millisecond
		if tag.Get("type") == "integer" {
			unit = time.Second
		}
		v.SetInt((1 + r.Int64N(1e6)) * int64(unit))
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int, reflect.Int64:
		v.SetInt(1 + r.Int64N(1<<40))
	case reflect.Float64:
		v.SetFloat(float64(r.IntN(101)) / 100)
	case reflect.String:
		v.SetString(text(r, tag))
	case reflect.Array: // an id or a salt
		for i := range v.Len() {
			v.Index(i).SetUint(r.Uint64N(256))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), r.IntN(4), 4))
		for i := range v.Len() {
			fill(r, v.Index(i), "")
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(r, v.Elem(), "")
	case reflect.Struct: // a value that may be left out, and isn't
		fillStruct(r, v)
		for _, inner := range v.Fields() {
			if inner.Kind() == reflect.Bool {
				inner.SetBool(true)
			}
		}
	default:
		panic(fmt.Sprintf("no random %s", v.Type()))
	}
}

func text(r *rand.Rand, tag reflect.StructTag) string {
	switch {
	case tag.Get("enum") != "":
		all := strings.Split(tag.Get("enum"), ",")
		return all[r.IntN(len(all))]
	case tag.Get("type") == "any":
		return []string{`"r"`, `-1.5`, `{"a":[null]}`, `false`}[r.IntN(4)]
	case tag.Get("pattern") != "":
		return fmt.Sprintf("%064x", r.Uint64())
	}
	var b strings.Builder
	for range 1 + r.IntN(5) {
		b.WriteString(texts[r.IntN(len(texts))])
	}
	return b.String()
}
