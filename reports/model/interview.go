package model

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"plumbline/assessment"
	"plumbline/content"
	"plumbline/reports/wire"
)

// InterviewSheets builds the question sheets to print and to write on, a section for each role. A question
// stands in full once, on the sheet of the role that the pack names first for it among those selected;
// the other roles have its id and where it stands. So the sheets of all roles are for whoever asks, and
// the sheet of one role, selected alone, has all its questions in full.
//
// Nobody who is asked may see what others answered, and no answer may lean on an earlier one: ratings and
// notes stand in the register alone (InterviewRegister).
func InterviewSheets(s *assessment.Snapshot, o wire.Options) Document {
	b := newBuilder(s, o)
	in := newInterview(s, o)
	one := len(in.OnlyRoles) == 1
	parts := []Section{{ID: "summary", Title: in.guideTitle(), Blocks: b.sheetGuide(in)}}
	for _, r := range in.Roles {
		parts = append(parts, Section{ID: in.section(r.Role), Title: r.Role, Apart: !one, Blocks: b.sheet(in, r)})
	}
	parts = append(parts, Section{ID: "method", Title: "Provenance", Apart: !one, Blocks: []Block{b.provenance()}})
	d := b.document("Interview sheets", parts...)
	d.Brief = one
	return d
}

// interview are the questions, with the items at hand.
type interview struct {
	wire.Interview
	item map[content.ItemID]wire.InterviewItem
}

func newInterview(s *assessment.Snapshot, o wire.Options) interview {
	in := interview{wire.InterviewOf(s, o), make(map[content.ItemID]wire.InterviewItem)}
	for _, it := range in.Items {
		in.item[it.Item] = it
	}
	return in
}

func (in interview) guideTitle() string {
	if len(in.OnlyRoles) == 1 {
		return "How to use this sheet"
	}
	return "How to use these sheets"
}

// at is the index of a role among the sheets, number that of its section in the document.
func (in interview) at(role string) int {
	return slices.IndexFunc(in.Roles, func(r wire.RoleItems) bool { return r.Role == role })
}

func (in interview) section(role string) string { return "role-" + strconv.Itoa(in.at(role)+1) }
func (in interview) number(role string) int     { return in.at(role) + 2 }

// full are the items whose questions stand in full on the sheet of a role.
func (in interview) full(r wire.RoleItems) []wire.InterviewItem {
	var list []wire.InterviewItem
	for _, id := range r.Items {
		if it := in.item[id]; in.First(it) == r.Role {
			list = append(list, it)
		}
	}
	return list
}

// selected says which questions these are: "the 12 items in profile that are not rated yet".
func selected(s wire.Selection, n int) string {
	text := count(n, "item", "items") + " in profile"
	if s.OnlyOpen {
		text += plural(n, " that is", " that are") + " not rated yet"
	}
	if len(s.OnlyRoles) > 0 {
		text += ", for " + enumerate(s.OnlyRoles)
	}
	return text
}

func (b *builder) sheetGuide(in interview) []Block {
	if len(in.Items) == 0 {
		why := "No item is in profile"
		if b.total.InProfile > 0 {
			why = "There are " + selected(in.Selection, 0)
		}
		return []Block{Para{Text: why + ", so there is nothing to ask."}}
	}
	blocks := []Block{
		Para{Text: fmt.Sprintf("For whoever asks the questions, to print and to write on: %s. No earlier rating and no note stands here, so the people asked may see it. "+
			"Tick one level for each question, write down what was shown and what was told, and tick “open” where nobody could answer: an open question is not a 0.",
			selected(in.Selection, len(in.Items)))},
		Para{Text: "Where a question has two halves, the weaker half decides. What you were told is weaker evidence than what you were shown: write down which it was."},
		Para{Text: "The file to work in is this report as XLSX or CSV: the same questions with the ratings, the notes and who was asked so far, to fill in and to read back. " +
			"It holds the words of colleagues, so keep it among the assessors.", Note: true},
		scale(),
	}
	if len(in.OnlyRoles) == 1 {
		return blocks
	}
	t := Table{
		ID: "sheets", Caption: "The sheets: a question stands in full on one of them, and by its id on those of the other roles that can answer it",
		Columns: []Column{{"Role", Head}, {"In section", Number}, {"Questions in full", Number}, {"By id", Number}, {"In all", Number}},
	}
	once := 0
	for _, r := range in.Roles {
		n := len(in.full(r))
		once += n
		t.Rows = append(t.Rows, row(Cell{Text: r.Role, Link: in.section(r.Role)}, number(in.number(r.Role)), number(n), number(len(r.Items)-n), number(len(r.Items))))
	}
	t.Rows = append(t.Rows, Row{[]Cell{words("All, each question once"), {}, number(once), {}, number(len(in.Items))}, true})
	return append(blocks, t, Para{Text: "To put all questions of a role into one conversation, print the report for that role alone (--role): then all stand there in full.", Note: true})
}

// shortLine is a line to write on beside a term.
const shortLine = "_________________________________________________________________"

// sheet is the sheet of a role.
func (b *builder) sheet(in interview, r wire.RoleItems) []Block {
	head := Facts{[]Fact{fact("Asked", shortLine), fact("By, on", shortLine)}}
	if len(in.OnlyRoles) != 1 { // else they stand just above
		levels := Fact{Term: "The levels", Style: Bullets}
		for n := range assessment.MaxLevel + 1 {
			levels.Lines = append(levels.Lines, fmt.Sprintf("%d %s: %s", n, assessment.LevelWord(n), assessment.LevelTest(n)))
		}
		head.Facts = append(head.Facts, levels)
	}
	blocks := []Block{head}
	full := in.full(r)
	for i := 0; i < len(full); {
		id := full[i].Item.Function()
		f, _ := b.cat.Function(id)
		list := Entries{}
		for ; i < len(full) && full[i].Item.Function() == id; i++ {
			list.Entries = append(list.Entries, question(full[i]))
		}
		blocks = append(blocks, Heading{f.Name + " (" + id + ")"}, list)
	}
	if len(full) == len(r.Items) {
		return blocks
	}
	also := List{}
	for _, other := range in.Roles {
		var ids []string
		for _, id := range r.Items {
			if other.Role != r.Role && in.First(in.item[id]) == other.Role {
				ids = append(ids, id.String())
			}
		}
		if len(ids) > 0 {
			also.Items = append(also.Items, fmt.Sprintf("Section %d, %s: %s", in.number(other.Role), other.Role, strings.Join(ids, ", ")))
		}
	}
	return append(blocks, Heading{"Questions for this role on other sheets"},
		Para{Text: fmt.Sprintf("%s can answer %s, too, which %s in full where the pack names another role first.",
			r.Role, count(len(r.Items)-len(full), "question", "questions"), plural(len(r.Items)-len(full), "stands", "stand"))},
		also)
}

// question is an item as it is put to somebody.
func question(it wire.InterviewItem) Entry {
	e := Entry{
		ID:   "ask-" + strings.ReplaceAll(it.Item.String(), "/", "-"),
		Code: it.Item.String(), Title: it.Title, Lead: it.Question,
		Facts: []Fact{
			fact("Good looks like", strings.Join(it.GoodPractice, " ")),
			fact("Ask to see", strings.Join(it.Ask, "; ")),
		},
		Blanks: []string{"Shown", "Told"},
	}
	for n := range assessment.MaxLevel + 1 {
		r, _ := assessment.AtLevel(n)
		e.Choices = append(e.Choices, levelText(r))
	}
	e.Choices = append(e.Choices, "open")
	return e
}
