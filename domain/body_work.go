package domain

import (
	"encoding/json"
	"errors"
	"fmt"
)

// noticeBody is what a notification or an announcement says. An announcement has no link.
type noticeBody struct {
	Title   string `json:"title"`
	Message string `json:"message"`
	Salt    Salt   `json:"salt"`
}

type notificationBody struct {
	Title   string  `json:"title"`
	Message string  `json:"message"`
	Link    *string `json:"link"`
	Salt    Salt    `json:"salt"`
}

func (p *ProjectCreated) body() any { return titled(p.Title, p.Salt) }

func (p *ProjectCreated) setBody(raw []byte) (err error) {
	p.Title, p.Salt, err = readTitle(raw)
	return err
}

func (t *TaskCreated) body() any { return titled(t.Title, t.Salt) }

func (t *TaskCreated) setBody(raw []byte) (err error) {
	t.Title, t.Salt, err = readTitle(raw)
	return err
}

// titled is the body of what has a title; none without one.
func titled(title string, salt Salt) any {
	if title == "" {
		return nil
	}
	return titleBody{title, salt}
}

func readTitle(raw []byte) (string, Salt, error) {
	var b titleBody
	if err := json.Unmarshal(raw, &b); err != nil {
		return "", Salt{}, fmt.Errorf("body: %w", err)
	}
	if b.Title == "" {
		return "", Salt{}, errors.New("body: no title")
	}
	return b.Title, b.Salt, nil
}

func (n *NotificationCreated) body() any {
	if n.Title == "" {
		return nil
	}
	return notificationBody{n.Title, n.Message, orNil(n.Link), n.Salt}
}

func (n *NotificationCreated) setBody(raw []byte) error {
	var b notificationBody
	if err := json.Unmarshal(raw, &b); err != nil {
		return fmt.Errorf("body: %w", err)
	}
	if b.Title == "" {
		return errors.New("body: no title")
	}
	n.Title, n.Message, n.Salt = b.Title, b.Message, b.Salt
	if b.Link != nil {
		n.Link = *b.Link
	}
	return nil
}

func (a *AnnouncementMade) body() any {
	if a.Title == "" {
		return nil
	}
	return noticeBody{a.Title, a.Message, a.Salt}
}

func (a *AnnouncementMade) setBody(raw []byte) error {
	var b noticeBody
	if err := json.Unmarshal(raw, &b); err != nil {
		return fmt.Errorf("body: %w", err)
	}
	if b.Title == "" {
		return errors.New("body: no title")
	}
	a.Title, a.Message, a.Salt = b.Title, b.Message, b.Salt
	return nil
}

func (*TaskStatusChanged) body() any            { return nil }
func (*TaskStatusChanged) setBody([]byte) error { return noBody(TypeTaskStatusChanged) }
func (*NotificationRead) body() any             { return nil }
func (*NotificationRead) setBody([]byte) error  { return noBody(TypeNotificationRead) }
