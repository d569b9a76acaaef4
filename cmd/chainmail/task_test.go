package main

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"chainmail/migrations/pgtest"
)

// call asks the server for something as a user, and decodes the answer.
func (s *served) call(token, method, path, body string, want int) (answer map[string]any) {
	s.t.Helper()
	status, text := s.ask(token, method, path, body, "")
	if status != want {
		s.t.Fatalf("%s %s %s: got %d %s, want %d", method, path, body, status, text, want)
	}
	if text != "" {
		if err := json.Unmarshal([]byte(text), &answer); err != nil {
			s.t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
	return answer
}

// A task's life: PATCH, event, frames on the sockets of the freelancer, the author and a watching admin, notifications, one of
// them delivered later to who was offline.
func TestTaskLife(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	m := onDatabase(t, db.DSN)
	author, freelancer, admin := m.must("user", "add", "Author"), m.must("user", "add", "Freelancer"), m.must("user", "add", "Admin", "--role", "admin")
	stranger := m.must("user", "add", "Stranger")
	s := m.serve("--listen", "127.0.0.1:0")
	tokens := make(map[string]string)
	for _, id := range []string{author, freelancer, admin, stranger} {
		tokens[id] = m.must("token", id)
	}
	watching := s.connect(tokens[admin])
	writing, working := s.listen(tokens[author], ""), s.listen(tokens[freelancer], "")

	project := s.call(tokens[author], "POST", "/api/projects", `{"title":"A bridge"}`, 201)["id"].(string)
	working.next("notification", 0)
	working.close()
	task := s.call(tokens[author], "POST", "/api/tasks",
		fmt.Sprintf(`{"project_id":%q,"title":"Pillars","freelancer_id":%q}`, project, freelancer), 201)
	id := task["id"].(string)
	if task["status"] != "open" {
		t.Errorf("a new task: got %v, want it open", task)
	}
	watching.send(map[string]any{"type": "subscribe", "channel": "project:" + project})
	watching.await("subscribed")

	change := func(token, status string, want int) map[string]any {
		t.Helper()
		return s.call(token, "PATCH", "/api/tasks/"+id+"/status", fmt.Sprintf(`{"status":%q}`, status), want)
	}
	change(tokens[stranger], "in_progress", 404)
	change(tokens[author], "done", 409)
	change(tokens[author], "finished", 422)
	if got := change(tokens[freelancer], "in_progress", 200); got["status"] != "in_progress" || got["updated_by"] != freelancer {
		t.Errorf("the changed task: got %v", got)
	}
	if got := writing.next("task_status_update", 0); got["status"] != "in_progress" || got["updated_by"] != freelancer {
		t.Errorf("the author: got %v", got)
	}
	if got := watching.await("task_status_update"); got.Status != "in_progress" {
		t.Errorf("the admin: got %+v", got)
	}

	// The freelancer was away, and comes back with the position of the last frame that he saw.
	seen := working.all()
	since := int64(seen[len(seen)-1]["position"].(float64))
	back := s.listen(tokens[freelancer], fmt.Sprintf("?since=%d", since))
	if got, want := types(back.all()), "[notification task_status_update notification]"; got != want {
		t.Errorf("the freelancer missed %s, want %s", got, want)
	}
	told := back.all()[2]
	var listed []any
	eventually(t, "the list has what was told", func() bool {
		listed = s.call(tokens[freelancer], "GET", "/api/notifications", "", 200)["items"].([]any)
		return len(listed) == 3
	})
	if first := listed[0].(map[string]any); first["id"] != told["notification_id"] || first["is_read"] != false {
		t.Errorf("the list: got %v, want it to begin with %v", listed, told)
	}
	other := s.listen(tokens[freelancer], "")
	path := fmt.Sprintf("/api/notifications/%s/read", told["notification_id"])
	s.call(tokens[freelancer], "POST", path, "", 204)
	s.call(tokens[freelancer], "POST", path, "", 204)
	s.call(tokens[author], "POST", path, "", 404)
	for _, device := range []*listener{back, other} {
		if got := device.next("notification_read", 0); got["notification_id"] != told["notification_id"] {
			t.Errorf("read on one device: another got %v", got)
		}
	}

	change(tokens[freelancer], "in_review", 200)
	change(tokens[author], "done", 200)
	change(tokens[admin], "in_progress", 409)
	change(tokens[admin], "done", 200) // it is: nothing changes
	for _, want := range []string{"in_review", "done"} {
		if got := watching.await("task_status_update"); got.Status != want {
			t.Errorf("the admin: got %+v, want %s", got, want)
		}
	}
	var status, by string
	query := `SELECT status, updated_by FROM tasks WHERE id = $1`
	eventually(t, "the table shows the last change", func() bool {
		if err := db.SQL.QueryRowContext(t.Context(), query, id).Scan(&status, &by); err != nil && !errors.Is(err, sql.ErrNoRows) {
			t.Fatal(err)
		}
		return status == "done" && by == author
	})
	if status := s.stop(); status != 0 {
		t.Errorf("exit status: got %d", status)
	}
	m.must("replay", "--format", "json")
	m.must("rebuild", "--verify")
}
