-- +goose Up

-- What users are told, and what there is to do. Computed from the log like all state tables: notifications by the
-- projection "notifications" (projections/notifications), projects and tasks by "tasks" (projections/tasks).

CREATE TABLE notifications (
    id                uuid        NOT NULL PRIMARY KEY,
    user_id           uuid        NOT NULL,
    created_by        uuid        NOT NULL,
    position          bigint      NOT NULL,
    created_at        timestamptz NOT NULL,
    read_at           timestamptz,
    is_read           boolean     NOT NULL,
    notification_type text        COLLATE "C" NOT NULL,
    title             text        COLLATE "C" NOT NULL,
    message           text        COLLATE "C" NOT NULL,
    link              text        COLLATE "C"
) WITH (fillfactor = 80);
COMMENT ON TABLE notifications IS 'What users are told. A row changes once, when it is read.';
COMMENT ON COLUMN notifications.id IS 'The notification''s id.';
COMMENT ON COLUMN notifications.user_id IS 'Who is told.';
COMMENT ON COLUMN notifications.created_by IS 'Who told him, or did what he is told of.';
COMMENT ON COLUMN notifications.position IS 'Its event.';
COMMENT ON COLUMN notifications.created_at IS 'When he was told.';
COMMENT ON COLUMN notifications.read_at IS 'When he read it, on whichever device; NULL until then.';
COMMENT ON COLUMN notifications.is_read IS 'He has read it.';
COMMENT ON COLUMN notifications.notification_type IS 'A word for what it is about, such as task_assigned.';
COMMENT ON COLUMN notifications.title IS 'As it was given; empty once its event''s body is gone.';
COMMENT ON COLUMN notifications.message IS 'As it was given; empty once its event''s body is gone.';
COMMENT ON COLUMN notifications.link IS 'Where it leads: a path, or an address of http or https; NULL for none.';
COMMENT ON INDEX notifications_pkey IS 'A notification by id.';
CREATE INDEX notifications_user ON notifications (user_id, position);
COMMENT ON INDEX notifications_user IS 'A user''s notifications, the newest first.';

CREATE TABLE projects (
    id         uuid        NOT NULL PRIMARY KEY,
    author_id  uuid        NOT NULL,
    position   bigint      NOT NULL,
    created_at timestamptz NOT NULL,
    title      text        COLLATE "C" NOT NULL
);
COMMENT ON TABLE projects IS 'What people want done, as tasks.';
COMMENT ON COLUMN projects.id IS 'The project''s id.';
COMMENT ON COLUMN projects.author_id IS 'Who made it.';
COMMENT ON COLUMN projects.position IS 'Its event.';
COMMENT ON COLUMN projects.created_at IS 'When it was made.';
COMMENT ON COLUMN projects.title IS 'As it was given; empty once its event''s body is gone.';
COMMENT ON INDEX projects_pkey IS 'A project by id.';
CREATE INDEX projects_position ON projects (position);
COMMENT ON INDEX projects_position IS 'Projects, the newest first.';

CREATE TABLE tasks (
    id            uuid        NOT NULL PRIMARY KEY,
    project_id    uuid        NOT NULL,
    author_id     uuid        NOT NULL,
    freelancer_id uuid        NOT NULL,
    created_by    uuid        NOT NULL,
    updated_by    uuid        NOT NULL,
    position      bigint      NOT NULL,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    status        text        COLLATE "C" NOT NULL,
    title         text        COLLATE "C" NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE tasks IS 'The tasks of projects. A row changes with the status, which is in no index.';
COMMENT ON COLUMN tasks.id IS 'The task''s id.';
COMMENT ON COLUMN tasks.project_id IS 'The project that it is a part of.';
COMMENT ON COLUMN tasks.author_id IS 'The project''s author.';
COMMENT ON COLUMN tasks.freelancer_id IS 'Who is to do it.';
COMMENT ON COLUMN tasks.created_by IS 'Who made it: the author, an admin or a service.';
COMMENT ON COLUMN tasks.updated_by IS 'Who last changed its status; who made it while nobody has.';
COMMENT ON COLUMN tasks.position IS 'The event that made it.';
COMMENT ON COLUMN tasks.created_at IS 'When it was made.';
COMMENT ON COLUMN tasks.updated_at IS 'When its status last changed; when it was made while it has not.';
COMMENT ON COLUMN tasks.status IS 'open, in_progress, in_review, done or cancelled.';
COMMENT ON COLUMN tasks.title IS 'As it was given; empty once its event''s body is gone.';
COMMENT ON INDEX tasks_pkey IS 'A task by id.';
CREATE INDEX tasks_position ON tasks (position);
COMMENT ON INDEX tasks_position IS 'All tasks, the newest first: those who see all.';
CREATE INDEX tasks_project ON tasks (project_id, position);
COMMENT ON INDEX tasks_project IS 'A project''s tasks, the newest first.';
CREATE INDEX tasks_project_freelancer ON tasks (project_id, freelancer_id, position);
COMMENT ON INDEX tasks_project_freelancer IS 'A freelancer''s tasks of a project, the newest first.';
CREATE INDEX tasks_freelancer ON tasks (freelancer_id, position);
COMMENT ON INDEX tasks_freelancer IS 'A freelancer''s tasks, the newest first.';
CREATE INDEX tasks_author ON tasks (author_id, position);
COMMENT ON INDEX tasks_author IS 'The tasks of an author''s projects, the newest first.';

-- +goose Down
DROP TABLE tasks;
DROP TABLE projects;
DROP TABLE notifications;
-- Tables that are made again are then filled from the log's beginning.
DELETE FROM projection_offsets WHERE projection IN ('notifications', 'tasks');
