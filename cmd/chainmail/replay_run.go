package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"chainmail/audit"
	"chainmail/domain"
)

// replay is one run of the command.
type replay struct {
	command  *replayCommand
	filter   audit.Filter
	streams  streams
	source   logSource
	export   *exportFile // nil where none is written
	progress *progress
	reading  tenths

	out      *bufio.Writer
	timeline *audit.Timeline // nil unless lines are shown to people
	tables   *audit.Tables   // nil unless they are printed
	line     []byte
	shown    int64
	summary  audit.Summary
	took     time.Duration
}

func (r *replay) run(ctx context.Context, options audit.Options) error {
	r.out = bufio.NewWriterSize(r.streams.out, 1<<16)
	if r.command.Format == "text" && r.export == nil {
		r.timeline = audit.NewTimeline(r.filter)
	}
	if r.command.State {
		r.tables = audit.NewTables()
	}
	err := r.read(ctx, options)
	r.progress.end()
	if err != nil {
		return errors.Join(err, r.out.Flush())
	}
	if r.export != nil {
		if err := r.export.keep(); err != nil {
			return err
		}
	}
	if r.command.Format == "json" {
		err = r.endJSON()
	} else {
		r.endText()
	}
	if err := errors.Join(err, r.out.Flush()); err != nil {
		return err
	}
	if len(r.summary.Findings) > 0 {
		return errSilent
	}
	return nil
}

// read shows and verifies the whole log.
func (r *replay) read(ctx context.Context, options audit.Options) error {
	r.progress.show("verifying the log", 0)
	began := time.Now()
	summary, err := verify(ctx, r.source, options, func(events []domain.Event) error {
		for i := range events {
			r.take(&events[i])
		}
		if r.export != nil {
			if err := r.export.write(events); err != nil {
				return err
			}
		}
		return r.flush(events[len(events)-1].Position)
	})
	r.summary, r.took = summary, time.Since(began)
	return err
}

// verify reads a source to its end, shows what it reads, and returns what was found.
func verify(
	ctx context.Context, source logSource, options audit.Options, show func([]domain.Event) error,
) (_ audit.Summary, err error) {
	auditor := audit.New(options)
	defer func() { err = errors.Join(err, auditor.Close()) }()
	for {
		events, err := source.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return audit.Summary{}, err
		}
		if err := auditor.Check(events); err != nil {
			return audit.Summary{}, err
		}
		if err := show(events); err != nil {
			return audit.Summary{}, err
		}
	}
	summary, err := auditor.Finish(source.Claims())
	if err != nil {
		return audit.Summary{}, err
	}
	summary.Findings = append(summary.Findings, source.Findings()...)
	slices.SortStableFunc(summary.Findings, func(a, b audit.Finding) int { return int(a.Position - b.Position) })
	return summary, nil
}

// take shows one event, if it is to be shown.
func (r *replay) take(e *domain.Event) {
	if r.tables != nil && r.filter.Reached(e) {
		r.tables.Apply(*e)
	}
	if r.export != nil {
		return
	}
	if r.timeline != nil {
		r.timeline.Learn(e)
	}
	if !r.filter.Match(e) {
		return
	}
	r.shown++
	if r.timeline != nil {
		r.line = r.timeline.AppendLine(r.line[:0], e)
	} else {
		r.line = audit.AppendJSON(r.line[:0], e)
	}
	r.out.Write(r.line) // the writer keeps its error for flush
}

// flush makes room for whole lines on a terminal, and tells how far the reading is.
func (r *replay) flush(last domain.Position) error {
	if r.progress.terminal && r.out.Buffered() > 0 {
		r.progress.end()
		if err := r.out.Flush(); err != nil {
			return fmt.Errorf("write: %w", err)
		}
	}
	r.reading.show("verifying the log", ", #"+audit.Count(int64(last)), r.source.done(last))
	return nil
}
