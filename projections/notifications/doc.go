// Package notifications keeps what users are told, and what of it they have read (notifications). It is the projection
// "notifications".
//
// What a row says follows from the log alone, however the log was cut into batches. A notification that is read by
// somebody else than whom it tells, twice, or before it is there cannot be: Apply returns an error, and the projection
// stops at that event.
package notifications
