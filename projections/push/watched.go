package push

import (
	"slices"

	"chainmail/domain"
)

// Watched are the tasks and projects that a connection hears of by its own wish, each with the position after which it
// is owed what happens there.
type Watched = map[domain.ID]domain.Position

// watches reports whether the one who catches up is owed what happened to a task.
func (r *router) watches(d *domain.TaskStatusChanged, at domain.Position) bool {
	for _, id := range [...]domain.ID{d.TaskID, d.ProjectID} {
		if from, watched := r.watched[id]; watched && at > from {
			return true
		}
	}
	return false
}

// tasksSince lists the tasks that concern a user, or that he watches, and that moved after a position.
func (p *Pusher) tasksSince(user domain.ID, watched Watched, after domain.Position) []domain.ID {
	var list []domain.ID
	p.view.Read(func(s *domain.State) {
		list = slices.Clone(s.TasksOf(user))
		for id := range watched {
			if project := s.Project(id); project != nil {
				list = append(list, project.Tasks...)
			} else {
				list = append(list, id)
			}
		}
		list = slices.DeleteFunc(list, func(id domain.ID) bool { return s.Task(id).Moved <= after })
	})
	slices.SortFunc(list, domain.ID.Compare)
	return slices.Compact(list)
}
