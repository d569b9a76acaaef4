package httpapi_test

import (
	"net/http"
	"time"

	"chainmail/domain"
	"chainmail/transport/auth"
)

// person is a registered user with a token.
type person struct {
	w     *world
	id    domain.ID
	token string
}

func (w *world) person(name string) *person { return w.register(name, domain.RoleMember, "") }

func (w *world) register(name string, role domain.Role, wallet string) *person {
	w.t.Helper()
	id, err := w.commands.Register(w.t.Context(), domain.RegisterUser{
		Actor: domain.Actor{Auth: domain.AuthCLI}, Name: name, Role: role, WalletAddress: wallet,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return &person{w: w, id: id, token: w.mint(auth.Grant{Subject: id, Type: auth.Access, TTL: time.Hour}, time.Now())}
}

func (w *world) mint(g auth.Grant, now time.Time) string {
	w.t.Helper()
	token, _, err := w.keys.Mint(g, now)
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

func (p *person) get(path string, header ...string) reply {
	p.w.t.Helper()
	return p.w.call(p.token, http.MethodGet, path, nil, header...)
}

// see reads what was written before: it waits for the position of the write.
func (p *person) see(path string, after reply) reply {
	p.w.t.Helper()
	return p.get(path, "Chainmail-Min-Position", after.header.Get("Chainmail-Position")).want(http.StatusOK)
}

func (p *person) post(path string, body any, header ...string) reply {
	p.w.t.Helper()
	return p.w.call(p.token, http.MethodPost, path, body, header...)
}

func (p *person) patch(path string, body any) reply {
	p.w.t.Helper()
	return p.w.call(p.token, http.MethodPatch, path, body)
}

func (p *person) delete(path string, body any) reply {
	p.w.t.Helper()
	return p.w.call(p.token, http.MethodDelete, path, body)
}

// group starts a conversation of p and others and returns its id.
func (p *person) group(title string, others ...*person) string {
	p.w.t.Helper()
	ids := make([]string, len(others))
	for i, o := range others {
		ids[i] = o.id.String()
	}
	return p.post("/api/conversations", object{"participant_ids": ids, "title": title}).want(http.StatusCreated).text("id")
}

// say sends a message and returns the answer.
func (p *person) say(conversation, content string) reply {
	p.w.t.Helper()
	return p.post("/api/conversations/"+conversation+"/messages", object{"content": content}).want(http.StatusCreated)
}
