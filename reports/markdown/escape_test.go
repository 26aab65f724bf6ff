package markdown

import (
	"bytes"
	"strings"
	"testing"

	"plumbline/reports/model"
)

func TestEscape(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"plain words, 12 of 14", "plain words, 12 of 14"},
		{"GV.OC-01/secure", "GV.OC-01/secure"},
		{"a*b_c[d]<e>|f`g\\h~i&j$k", "a\\*b\\_c\\[d\\]\\<e\\>\\|f\\`g\\\\h\\~i\\&j\\$k"},
		{"# no heading", "\\# no heading"},
		{"C# is fine", "C# is fine"},
		{"- no list\n+ no list\n2-3", "\\- no list\n\\+ no list\n2-3"},
		{"12. no list\n3) no list\n1.5", "12\\. no list\n3\\) no list\n1\\.5"},
		{"a\n===\nb\n---", "a\n\\===\nb\n\\---"},
		{"    no code", "&nbsp;&nbsp;&nbsp;&nbsp;no code"},
		{"one\n\n\ntwo  \nthree", "one\ntwo\nthree"},
		{"https://a.example and WWW.b.example", "https\\://a.example and WWW\\.b.example"},
		{"", ""},
	} {
		if got := escape(c.text); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

func TestTable(t *testing.T) {
	var b bytes.Buffer
	err := Write(&b, model.Document{Sections: []model.Section{{ID: "s", Number: "1", Title: "S", Blocks: []model.Block{
		model.Table{
			Caption: "Caption",
			Columns: []model.Column{{Title: "A|B", Kind: model.Head}, {Title: "N", Kind: model.Number}},
			Rows: []model.Row{
				{Cells: []model.Cell{{Text: "two\nlines", Sub: "below"}, {Text: "7"}}},
				{Cells: []model.Cell{{Text: "All"}, {}}, Strong: true},
			},
		},
	}}}})
	if err != nil {
		t.Fatal(err)
	}
	const want = "**Caption**\n\n| A\\|B | N |\n|:--|--:|\n| two<br>lines<br>below | 7 |\n| **All** |  |\n"
	if !strings.Contains(b.String(), want) {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}
