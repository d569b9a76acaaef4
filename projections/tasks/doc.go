// Package tasks keeps projects, their tasks, and how these stand (projects, tasks). They are the projection "tasks".
//
// What a row says follows from the log alone, however the log was cut into batches. A status of a task that is not there
// cannot be: Apply returns an error, and the projection stops at that event. Whether one status may follow another is for
// decisions and for an audit to check; here the log is believed.
package tasks
