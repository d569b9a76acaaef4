package domain

import (
	"fmt"
	"slices"
)

// Project is what somebody wants done, as tasks.
type Project struct {
	ID       ID
	AuthorID ID
	Title    string
	Tasks    []ID // in order of creation
}

// CreateProject is the wish for a project. ID is fresh.
type CreateProject struct {
	Actor          Actor
	ID             ID
	Title          string
	Salt           Salt
	IdempotencyKey string // empty for none
	Fresh          Fresh  // of the notifications
}

// CreateProject decides a CreateProject: anybody may. Every active account but its author's is notified, in
// ascending order: as many events as there are accounts.
func (s *State) CreateProject(c CreateProject) (Decision, *Refusal) {
	if r := CheckTitle(c.Title); r != nil {
		return Decision{}, r
	}
	d, r := s.beginOnce(c.Actor, TypeProjectCreated, c.IdempotencyKey)
	if r != nil {
		return Decision{}, r
	}
	d.draft(ProjectStream(c.ID), &ProjectCreated{
		ProjectID: c.ID, AuthorID: c.Actor.ID, IdempotencyKey: orNil(c.IdempotencyKey), Title: c.Title, Salt: c.Salt,
	})
	for _, user := range s.activeBut(c.Actor.ID) {
		d.notify(user, notice{
			kind: kindProject, title: "New project", message: c.Title, link: "/projects/" + c.ID.String(),
		}, c.Fresh)
	}
	return *d, nil
}

// Project returns the project, nil if there is none. The caller doesn't change it.
func (s *State) Project(id ID) *Project { return s.projects[id] }

// activeBut lists the active accounts save one, in ascending order.
func (s *State) activeBut(user ID) []ID {
	list := make([]ID, 0, len(s.users))
	for id, u := range s.users {
		if u.Active && id != user {
			list = append(list, id)
		}
	}
	slices.SortFunc(list, ID.Compare)
	return list
}

// beginOnce is begin for what a repeated idempotency_key must not do twice.
func (s *State) beginOnce(actor Actor, kind Type, idempotencyKey string) (*Decision, *Refusal) {
	if r := checkRepeatKey("idempotency_key", idempotencyKey); r != nil {
		return nil, r
	}
	d, r := s.begin(actor)
	if r == nil && idempotencyKey != "" {
		d.Keys = append(d.Keys, RequestKey(kind, actor.ID, idempotencyKey))
	}
	return d, r
}

func (s *State) project(e Event, d *ProjectCreated) error {
	if err := s.isNew(d); err != nil {
		return err
	}
	s.projects[d.ProjectID] = &Project{ID: d.ProjectID, AuthorID: d.AuthorID, Title: d.Title}
	s.cause = cause{by: d.AuthorID, kind: kindProject, last: e.Position}
	return nil
}

// isNew reports whether a project is not there yet.
func (s *State) isNew(d *ProjectCreated) error {
	if s.projects[d.ProjectID] != nil {
		return fmt.Errorf("project %s is there already", d.ProjectID)
	}
	return nil
}
