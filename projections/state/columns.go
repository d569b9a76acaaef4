package state

import (
	"chainmail/domain"
	"chainmail/eventstore/pgarray"
)

// idOrNull adds an id, or NULL for none.
func idOrNull(ids *pgarray.Builder, id *domain.ID) {
	if id == nil {
		ids.Null()
		return
	}
	ids.UUID(*id)
}

// optionalText is textOrNull for a text that may be empty without being absent.
func optionalText(texts *pgarray.Builder, text *string) {
	if text == nil {
		texts.Null()
		return
	}
	texts.Text(*text)
}

// addWords adds what an event's body says, two NULLs once it is gone.
func addWords(salts, contents *pgarray.Builder, erased bool, salt domain.Salt, content string) {
	if erased {
		salts.Null()
		contents.Null()
		return
	}
	salts.Raw(salt[:])
	contents.Text(content)
}
