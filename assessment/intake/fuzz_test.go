package intake

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/content/contenttest"
)

// FuzzRead gives Read files of all kinds. Whatever it takes can be planned and applied, says nothing
// that steers a terminal, and says nothing new a second time.
func FuzzRead(f *testing.F) {
	for _, file := range files {
		data, err := os.ReadFile(filepath.Join("testdata", file.name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add(book(f, map[string][][]any{"Gap register": {{"item_id", "current"}, {"GV.OC-01/secure", 1}}}, "Gap register"))
	f.Add([]byte("\xFF\xFEi\x00t\x00e\x00m\x00_\x00i\x00d\x00\n\x00"))
	f.Add([]byte("sep=;\nitem_id;current;inherited;target;note\nGV.OC-01/secure;1;yes;(clear);'=x\n"))
	f.Add([]byte("Subcategory,Included in Profile?,Rationale,Current Status\nGV.OC-01,No,Secure: x\nGV.OC-02,Yes,,3\n"))
	f.Add([]byte("item_id;;priority\nGV.RM-1/secure;;1\nGV.RM-1/secure;;2")) // nothing is left that does not contradict
	f.Add([]byte("subcategory_id,current_tier,note\nGV.OC-01,2,\x13\n"))     // a note of which nothing can be seen
	start := fresh(f).Snapshot()
	f.Fuzz(func(t *testing.T, data []byte) { check(t, start, data) })
}

// check reads a file into a session that is in this state, if it can be read.
func check(t *testing.T, start *assessment.Snapshot, data []byte) {
	file, err := Read("f", data)
	if err != nil {
		if _, ok := errors.AsType[*FileError](err); !ok {
			t.Errorf("the error is a %T", err)
		}
		harmless(t, err.Error())
		return
	}
	for _, c := range []Choices{{}, agreed(file), {Overwrite: true}} {
		s := start.Scratch()
		p, _ := take(t, file, s, now, c)
		for _, pr := range p.Problems {
			harmless(t, pr.String())
		}
		for _, ch := range p.Changes {
			harmless(t, ch.String())
		}
		again, d := take(t, file, s, now.AddDate(0, 0, 1), c)
		if n := again.Counts.New + again.Counts.Changed; n > 0 || len(d.Events) > 0 {
			t.Errorf("a second time: %d changes, %d events: %v", n, len(d.Events), again.Changes)
		}
	}
}

func harmless(t *testing.T, s string) {
	if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\x1b\r\n\u009b\u202e\ufeff") {
		t.Errorf("%q steers a terminal", s)
	}
}

// FuzzCSV gives the tables themselves: every row has its number, and no more cells than are allowed.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "\n\na;b\r\n\r\n\"1\n2\";x", "sep=|\na|b", "\"a", "a\tb\n\n\n c\r\rd", ",,,\n;;;;\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tab, p := readCSV(text)
		if p != nil {
			harmless(t, p.String())
			return
		}
		last := 0
		for _, r := range tab.rows {
			if r.n <= last || r.n > maxRows || len(r.cells) > maxColumns {
				t.Errorf("row %d of %d cells after row %d", r.n, len(r.cells), last)
			}
			last = r.n
		}
	})
}

// FuzzAreaLines: what a cell says by Focus Area and beside it is all that it says.
func FuzzAreaLines(f *testing.F) {
	for _, s := range []string{"Secure: 1\nDefend: 2", "x\nSecure: a\nb\nTarget Thwart: 3", "Reason Secure: ", ": ", "Secure : x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		lines, free := areaLines(text)
		n := len(free)
		for _, l := range lines {
			n += len(l.text)
		}
		if n > len(text) || len(lines) == 0 && !strings.Contains(text, ":") && free != strings.TrimSpace(text) {
			t.Errorf("%q: %v, %q", text, lines, free)
		}
	})
}

// FuzzRegister: whatever people wrote leaves in a gap register, comes back into another session as it was,
// and leaves that one in the same bytes.
func FuzzRegister(f *testing.F) {
	for i, h := range contenttest.HostileTexts {
		f.Add(h, contenttest.HostileTexts[(i+7)%len(contenttest.HostileTexts)], uint8(i))
	}
	empty := fresh(f).Snapshot()
	item := content.ItemID{Sub: "GV.OC-01", Area: content.Secure}
	f.Fuzz(func(t *testing.T, note, owner string, n uint8) {
		from := empty.Scratch()
		current, _ := assessment.AtLevel(int(n % 4))
		target, _ := assessment.TargetAt(1 + int(n/4%3))
		if _, err := from.Do(assessment.Act{Who: "x", Time: now}, func(e *assessment.Edit) error {
			return errors.Join(e.Rate(item, current), e.Target(item, target, "why"), e.Note(item, note), e.Owner(item, owner))
		}); err != nil {
			return // too long
		}
		delimiter := [...]rune{',', ';', '\t'}[n%3]
		data := register(t, from, delimiter)
		to := empty.Scratch()
		p, _ := take(t, read(t, "x.csv", data), to, now, Choices{})
		if again := register(t, to, delimiter); !bytes.Equal(again, data) {
			t.Errorf("%q, %q: %s\nfirst\n%.600s\nagain\n%.600s", note, owner, problems(p.Problems), data, again)
		}
	})
}
