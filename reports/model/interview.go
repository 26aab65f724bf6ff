package model

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/wire"
)

// InterviewSheets builds the question sheets: a section for each role with every question that is put
// to it, so that the sheet of a role can be taken into the room alone. The sheets are for the items in
// profile; what was answered so far stands with its question.
func InterviewSheets(s *assessment.Snapshot, o wire.Options) Document {
	b := newBuilder(s, o)
	in := wire.InterviewOf(s)
	items := make(map[content.ItemID]wire.InterviewItem, len(in.Items))
	for _, it := range in.Items {
		items[it.Item] = it
	}
	parts := []Section{{ID: "summary", Title: "How to use these sheets", Blocks: b.sheetGuide(in, items)}}
	for i, r := range in.Roles {
		parts = append(parts, Section{ID: "role-" + strconv.Itoa(i+1), Title: r.Role, Apart: true, Blocks: b.sheet(i+1, r, items)})
	}
	parts = append(parts, Section{ID: "method", Title: "Provenance", Apart: true, Blocks: []Block{b.provenance()}})
	return b.document("Interview sheets", parts...)
}

func (b *builder) sheetGuide(in wire.Interview, items map[content.ItemID]wire.InterviewItem) []Block {
	if len(in.Items) == 0 {
		return []Block{Para{Text: "No item is in profile, so there is nothing to ask."}}
	}
	t := Table{
		ID: "sheets", Caption: "The sheets, by role; a question stands on the sheet of each role that can answer it",
		Columns: []Column{{"Role", Head}, {"Questions", Number}, {"Not rated yet", Number}},
	}
	for _, r := range in.Roles {
		t.Rows = append(t.Rows, row(words(r.Role), number(len(r.Items)), number(unrated(r, items))))
	}
	t.Rows = append(t.Rows, Row{[]Cell{words("All, each question once"), number(len(in.Items)), number(b.total.Unrated())}, true})
	return []Block{
		Para{Text: fmt.Sprintf("These sheets hold the questions on %s in profile. Take the sheet of a role into the conversation, circle one level for each question, "+
			"write down what was shown, and leave open what nobody could answer: an open question is not a 0.", count(len(in.Items), "item", "items"))},
		scale(),
		Para{Text: "Where a question has two halves, the weaker half decides. What you were told is weaker evidence than what you were shown: write down which it was."},
		t,
		Para{Text: "The same questions can be had as a spreadsheet or CSV file, filled in there, and read back by item id.", Note: true},
	}
}

func unrated(r wire.RoleItems, items map[content.ItemID]wire.InterviewItem) int {
	n := 0
	for _, id := range r.Items {
		if !items[id].Current.Known() {
			n++
		}
	}
	return n
}

// A line to write on, and the same with room above it, as a hand needs.
const (
	shortLine   = "_________________________________________________________________"
	writingLine = "\u00a0\n" + shortLine
)

// circle is the levels, to circle one of them: the same for each of hundreds of questions.
var circle = sync.OnceValue(func() string {
	var levels []string
	for n := range assessment.MaxLevel + 1 {
		r, _ := assessment.AtLevel(n)
		levels = append(levels, levelText(r))
	}
	const gap = "\u00a0\u00a0·\u00a0 "
	return strings.Join(append(levels, "open"), gap)
})

// sheet is the sheet of a role, the no-th of them.
func (b *builder) sheet(no int, r wire.RoleItems, items map[content.ItemID]wire.InterviewItem) []Block {
	var tests []string
	for n := range assessment.MaxLevel + 1 {
		tests = append(tests, fmt.Sprintf("%d %s: %s", n, assessment.LevelWord(n), assessment.LevelTest(n)))
	}
	blocks := []Block{
		Facts{[]Fact{fact("Asked", shortLine), fact("By, on", shortLine), {Term: "The levels", Lines: tests, Style: Bullets}}},
		Para{Text: fmt.Sprintf("%s, %d not rated yet.", count(len(r.Items), "question", "questions"), unrated(r, items)), Note: true},
	}
	for i := 0; i < len(r.Items); {
		id := r.Items[i].Function()
		f, _ := b.cat.Function(id)
		list := Entries{}
		for ; i < len(r.Items) && r.Items[i].Function() == id; i++ {
			list.Entries = append(list.Entries, question(no, items[r.Items[i]]))
		}
		blocks = append(blocks, Heading{f.Name + " (" + id + ")"}, list)
	}
	return blocks
}

// question is an item on the no-th sheet.
func question(no int, it wire.InterviewItem) Entry {
	e := Entry{
		ID:   fmt.Sprintf("sheet-%d-%s", no, strings.ReplaceAll(it.Item.String(), "/", "-")),
		Code: it.Item.String(), Title: it.Title, Lead: it.Question,
		Facts: []Fact{
			{Term: "What good looks like", Lines: it.GoodPractice, Style: Bullets},
			{Term: "Ask to see", Lines: it.Ask, Style: Bullets},
		},
	}
	if known := known(it); known != "" {
		e.Facts = append(e.Facts, quoted("So far", known))
	}
	e.Facts = append(e.Facts,
		fact("Circle one", circle()),
		fact("Evidence seen", writingLine),
		Fact{Term: "Note", Lines: []string{writingLine, writingLine}})
	return e
}

// known says what was answered and seen so far, "" where nothing was.
func known(it wire.InterviewItem) string {
	var parts []string
	if it.Current.Known() {
		rated := "rated " + levelText(it.Current)
		if it.Inherited {
			rated += ", inherited"
		}
		if it.ToConfirm {
			rated += ", " + toConfirm
		}
		parts = append(parts, rated)
	}
	if it.Evidence > 0 {
		parts = append(parts, fmt.Sprintf("evidence: %v, %s", it.Grade, count(it.Evidence, "entry", "entries")))
	}
	if len(it.Asked) > 0 {
		parts = append(parts, "asked: "+strings.Join(it.Asked, ", "))
	}
	s := strings.Join(parts, "; ")
	if it.Note != "" {
		s = strings.TrimPrefix(s+"\n"+it.Note, "\n")
	}
	return s
}
