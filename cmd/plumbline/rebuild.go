package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports"
	"plumbline/reports/csv"
	"plumbline/reports/origin"
	"plumbline/reports/wire"
)

// compared makes the report of a state anew, in each way that the file leaves open, and compares. The
// first error says why it is not the same.
func compared(lib *library, session *assessment.Session, head assessment.Head, data []byte, from origin.Origin) (wire.ReportVerdict, error, error) {
	notRebuilt := func(why error) (wire.ReportVerdict, error, error) {
		return wire.NotRebuilt, fmt.Errorf("the head is one of this journal, but %w", why), nil
	}
	if err := from.Implausible(); err != nil {
		return notRebuilt(err)
	}
	state, err := session.At(head)
	if errors.Is(err, assessment.ErrPack) {
		return notRebuilt(fmt.Errorf("the report can not be made anew: %w", err))
	}
	if err != nil {
		return "", nil, err
	}
	o := reports.Options{Version: from.Version, Generated: from.Generated, AsOf: from.AsOf, OSCAL: from.OSCAL}
	if o.Generated.IsZero() { // such a file shows the day alone
		if o.Generated, err = time.Parse(time.DateOnly, string(from.AsOf)); err != nil {
			return notRebuilt(errors.New("the report does not say of which day it is"))
		}
	}
	if o.Journal, err = journalOf(session, head); err != nil {
		return "", nil, err
	}
	if !slices.Contains(reports.Formats(from.Kind), from.Format) {
		return notRebuilt(errors.New("the file is no report that this version makes"))
	}
	ways, err := waysOf(lib, session, o, from)
	if err != nil {
		return "", nil, err
	}
	for _, o := range ways {
		made, err := madeAnew(state, o, from)
		if err != nil { // as of a time that the format can not say
			return notRebuilt(fmt.Errorf("the report can not be made anew: %w", err))
		}
		if bytes.Equal(made, data) {
			return wire.SameBytes, nil, nil
		}
	}
	switch pack := state.Catalog().Pack(); {
	case from.Kind == reports.Compare:
		return notRebuilt(errors.New("no comparison with a state that is here is the same: " +
			"the file was changed, or what it compares with is not here or, in a PDF, not found"))
	case from.Version != version:
		return notRebuilt(fmt.Errorf("version %s of Plumbline made the report, and %s makes something else of it", from.Version, version))
	case !strings.HasPrefix(pack.SHA256, from.Pack):
		return notRebuilt(fmt.Errorf("the report stands on another edition of the pack (SHA-256 %.16s) than the one that is here", from.Pack))
	case from.Format == reports.PDF && reports.ByRole(from.Kind) && someSilent(state, o, from.Kind):
		return notRebuilt(errors.New("neither for all roles nor for one is it the same: " +
			"the file was changed, or it is for several roles, which a PDF shows only where each of them is asked something"))
	}
	return wire.Differs, errors.New("the head is one of this journal, but the report of that state is another: this file was changed after it was made"), nil
}

// waysOf are the options with which a report may have been made, where its file does not state them all.
func waysOf(lib *library, session *assessment.Session, o reports.Options, from origin.Origin) ([]reports.Options, error) {
	ways := []reports.Options{o}
	switch {
	case reports.NeedsArea(from.Format):
		for _, a := range content.Areas {
			o.Area = &a
			ways = append(ways, o)
		}
	case from.Format == reports.CSV:
		for _, o.Delimiter = range csv.Delimiters {
			ways = append(ways, o)
		}
	case from.Kind == reports.Compare:
		return lib.comparisons(session, o, append(from.Others, from.Head))
	case reports.ByRole(from.Kind):
		return narrowed(o, from.Roles), nil
	}
	return ways, nil
}

// narrowed are the options of a report by role: for all roles, for several that its file names, for each
// role alone, and of each the open items alone.
func narrowed(o reports.Options, several [][]string) []reports.Options {
	selections := append([][]string{nil}, several...)
	for _, role := range content.Roles {
		selections = append(selections, []string{role})
	}
	var ways []reports.Options
	for _, o.Roles = range selections {
		for _, o.Open = range []bool{false, true} {
			ways = append(ways, o)
		}
	}
	return ways
}

// someSilent reports whether there are roles that a report by role asks nothing, so that the outline of a
// PDF may leave out some that it is for.
func someSilent(state *assessment.Snapshot, o reports.Options, kind reports.Kind) bool {
	for _, o.Open = range []bool{false, true} {
		asked := len(wire.InterviewOf(state, o).Roles)
		if kind == reports.EvidenceRequests {
			asked = len(wire.EvidenceRequestsOf(state, o).Roles)
		}
		if asked < len(content.Roles) {
			return true
		}
	}
	return false
}

// madeAnew is the report of a state, or the file of its ZIP that the origin names.
func madeAnew(state *assessment.Snapshot, o reports.Options, from origin.Origin) ([]byte, error) {
	var b bytes.Buffer
	if err := reports.Write(&b, from.Kind, from.Format, state, o); err != nil || from.Part == "" {
		return b.Bytes(), err
	}
	archive, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		return nil, fmt.Errorf("open the ZIP that was made anew: %w", err)
	}
	f, err := archive.Open(from.Part)
	if err != nil {
		return nil, fmt.Errorf("find %q in the ZIP that was made anew: %w", from.Part, err)
	}
	defer f.Close()
	return io.ReadAll(f)
}
