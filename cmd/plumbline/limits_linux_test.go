package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"cmp"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"plumbline/assessment"
	"plumbline/assessment/bundle"
	"plumbline/assessment/bundle/sealed"
	"plumbline/content"
	"plumbline/content/contenttest"
)

// BenchmarkLimits gives the built program files at, and beyond, the limits of what it reads, and
// takes how long it takes, by the clock and by the processor, and the most memory that it held, by the
// kernel's count of the pages in memory, its own code and mapped files among them. The budget of each is 10 s and 256 MiB (docs/security.md, row 7). "floor" is
// a run that reads nothing.
func BenchmarkLimits(b *testing.B) {
	program := build(b, ".")
	for _, c := range limits {
		b.Run(c.name, func(b *testing.B) {
			dir := b.TempDir()
			b.Chdir(dir)
			if c.make != nil {
				if err := c.make("in"); err != nil {
					b.Fatal(err)
				}
			}
			session := exec.Command(program, "--store", "with.db", "session", "new", "--org", "Tern", "--name", "T")
			if out, err := session.CombinedOutput(); err != nil {
				b.Fatalf("%v: %s", err, out)
			}
			if err := os.WriteFile("phrase", []byte("sesame\n"), 0o600); err != nil {
				b.Fatal(err)
			}
			var most, longest, busiest float64
			for b.Loop() {
				if err := errors.Join(os.RemoveAll("new.db"), os.RemoveAll("backups")); err != nil {
					b.Fatal(err)
				}
				seconds, cpu, mib := measure(b, exec.Command(program, c.args...), c.code)
				most, longest, busiest = max(most, mib), max(longest, seconds), max(busiest, cpu)
			}
			b.ReportMetric(0, "ns/op") // the metrics below say more
			b.ReportMetric(longest, "s")
			b.ReportMetric(busiest, "s-cpu")
			b.ReportMetric(most, "MiB-peak")
			if info, err := os.Stat("in"); err == nil {
				b.ReportMetric(float64(info.Size())/(1<<20), "MiB-file")
			}
		})
	}
}

// measure runs a program that must end with that code.
func measure(b *testing.B, cmd *exec.Cmd, code int) (seconds, cpu, mib float64) {
	b.Helper()
	// The kernel counts the peak of a process from before it becomes another program: this one's, which
	// must be made small and its peak forgotten first (proc_pid_clear_refs(5)).
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		b.Fatal(err)
	}
	var said bytes.Buffer
	cmd.Stderr = &said
	began := time.Now()
	_ = cmd.Run() // the code tells
	seconds = time.Since(began).Seconds()
	if got := cmd.ProcessState.ExitCode(); got != code {
		b.Errorf("exit code %d, not %d: %.300s", got, code, said.String())
	}
	b.Logf("%.1f s: %.300s", seconds, said.String())
	cpu = (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	return seconds, cpu, float64(cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss) / 1024
}

// limit is a run of the program on a file called "in". The store "with.db" has a session T.
type limit struct {
	name string
	make func(path string) error
	args []string
	code int
}

var (
	importNew  = []string{"--store", "new.db", "import", "in"}
	importInto = []string{"--store", "with.db", "import", "--into", "T", "--overwrite", "in"}
	importMaps = []string{"--store", "with.db", "import", "--into", "T", "--overwrite", "--map", "proposed", "in"}
	verifyIn   = []string{"--store", "with.db", "verify", "in"}
	contentAdd = []string{"--store", "with.db", "content", "add", "in"}
	// contentDiff reads a pack as every command does that takes one.
	contentDiff = []string{"--store", "with.db", "content", "diff", "in"}
)

var limits = []limit{
	{"floor", nil, []string{"--store", "with.db", "session", "list"}, exitDone},

	{"bundle/60000-events", bundleOf(journalOf60000), importNew, exitDone},
	{"bundle/largest", bundleOf(largestJournal), importNew, exitDone},
	{"bundle/most-events", bundleOf(mostEvents), importNew, exitDone},
	{"bundle/660-sessions", bundleOf(manySessions), importNew, exitDone},
	{"bundle/encrypted", sealedBundle, append(slices.Clone(importNew), "--passphrase-file", "phrase"), exitDone},
	{"bundle/bomb", zipOf(zipEntry{"manifest.json", 64 << 20, blank, false}), importNew, exitRefused},
	{"bundle/random", zipOf(zipEntry{"manifest.json", 31 << 20, noise, false}), importNew, exitRefused},
	{"bundle/verify", bundleOf(largestJournal), verifyIn, exitDone},

	{"xlsx/cells", sheetOf(20_000, 24, 60), importInto, exitDone},
	{"xlsx/cells-beyond", sheetOf(20_000, 256, 2), importInto, exitRefused},
	{"xlsx/texts", sheetOf(20_000, 20, 78), importInto, exitDone},
	{"xlsx/shared-strings", sharedOf(30 << 20), importInto, exitRefused},
	{"xlsx/shared-often", sharedOften, importInto, exitRefused},
	{"xlsx/long-texts", sheetRepeating(20_000, 15, 400), importInto, exitRefused},
	{"xlsx/million-rows", sheetXML(func(w io.Writer) { repeat(w, `<row/>`, 999_000) }), importInto, exitRefused},
	{"xlsx/million-elements", sheetXML(func(w io.Writer) { io.WriteString(w, `<x>`); repeat(w, `<y/>`, 990_000) }), importInto, exitRefused},
	{"xlsx/one-row", sheetXML(func(w io.Writer) { io.WriteString(w, `<row>`); repeat(w, `<c/>`, 990_000); io.WriteString(w, `</row>`) }), importInto, exitRefused},
	{"xlsx/attributes", sheetXML(func(w io.Writer) { repeat(w, `<row `+strings.Repeat(`a="" `, 180_000)+`/>`, 30) }), importInto, exitRefused},
	{"xlsx/deep", sheetXML(func(w io.Writer) { repeat(w, `<x>`, 900_000) }), importInto, exitRefused},
	{"xlsx/bomb", sheetXML(func(w io.Writer) { repeat(w, `<row></row>`, 2<<20) }), importInto, exitRefused},

	{"csv/register", registerOf(20_000, 1600), importInto, exitDone},
	{"csv/wide", csvOf(20_000, 100, 16), importInto, exitDone},
	{"csv/beyond", csvOf(20_000, 256, 2), importInto, exitRefused},
	{"csv/one-line", textOf("item_id,current\n", "x", 32<<20), importInto, exitRefused},
	{"csv/long-rows", textOf("item_id,note\n", "GV.OC-01/secure,"+strings.Repeat("x", 4<<20-17)+"\n", 32<<20), importInto, exitDone},
	{"csv/empty-lines", textOf("item_id,current\n", "\n", 32<<20), importInto, exitDone},
	{"csv/quotes", textOf("item_id,current\n", `"`, 32<<20), importInto, exitRefused},
	{"csv/utf16", func(path string) error { return written(path, 32<<20, utf16Register) }, importInto, exitRefused},
	{"ciso/csv", cisoOf(19_000, 1600), importMaps, exitDone},

	{"json/csfp", jsonOf(`{"schemaVersion":"2.0","assessments":[`, `{"subcategoryId":"GV.OC-%02d","current":1,"notes":"%s"}`, 19_000, 1600, `]}`), importInto, exitDone},
	{"json/csfa", jsonOf(`{"schemaVersion":1,"frameworkId":"nist-csf-2.0","x":[`, `{"GV.OC-%02d":"%s"}`, 19_000, 1600, `],"ratings":{}}`), importInto, exitDone},
	{"json/oscal-profile", jsonOf(`{"profile":{"metadata":{"oscal-version":"1.2.1"},"modify":{"alters":[`,
		`{"control-id":"GV.OC-%02d","adds":[{"props":[{"name":"target","ns":"https://plumbline.invalid/ns/oscal","class":"secure","value":"1","remarks":"%s"}]}]}`, 19_000, 1500, `]}}}`), importInto, exitDone},
	{"json/values", jsonOf(`{"schemaVersion":"2.0","assessments":[],"x":[`, `[`+strings.Repeat("1,", 45)+`%d,"%s"]`, 19_000, 1, `]}`), importInto, exitDone},
	{"json/members", jsonOf(`{"schemaVersion":"2.0","assessments":[],"x":[`, `{"%d":"%s"`+manyMembers(20)+`}`, 19_000, 1, `]}`), importInto, exitRefused},
	{"json/deep", textOf("", "[", 32<<20), importInto, exitRefused},
	{"json/escapes", textOf(`{"schemaVersion":"2.0","assessments":[],"x":"`, `\u00e4`, 32<<20), importInto, exitRefused},
	{"any/1-GiB", sparse(1 << 30), importInto, exitRefused},

	{"pack/zip", wordyPack, contentDiff, exitDone},
	{"pack/bomb", zipOf(zipEntry{"manifest.json", 15 << 20, blank, false}), contentDiff, exitRefused},
	{"official/json", jsonOf(`{"catalog":{"groups":[`, `{"id":"GV.OC-%02d","title":"%s"}`, 19_000, 1600, `]}}`), contentAdd, exitRefused},
	{"official/xlsx", sheetOf(20_000, 20, 78), contentAdd, exitRefused},

	{"verify/pdf", textOf("%PDF-1.7\n", "/Title (", 32<<20), verifyIn, exitRefused},
	{"verify/html", textOf("<!DOCTYPE html>\n", "<footer>1:0123456789abcdef", 32<<20), verifyIn, exitRefused},
	{"verify/md", textOf("# Gap report\n", "- **Session:** 1:0123456789abcdef\n", 32<<20), verifyIn, exitRefused},
	{"verify/csv", textOf("\uFEFF", "Plumbline 1, session 00000000-0000-0000-0000-000000000000, journal 1:0123456789abcdef\n", 32<<20), verifyIn, exitRefused},
	{"verify/json", textOf(`{"schema":"plumbline/gap-report/1","data":{"before":[`, `{"seq":1,"hash":"x"},`, 32<<20), verifyIn, exitNotFound},
	{"verify/json-members", jsonOf(`{"schema":"x","data":[`, `{"x":%d,"y":"%s"}`, 19_000, 1600, `]}`), verifyIn, exitRefused},
	{"verify/docx", docxOf, verifyIn, exitRefused},
	{"verify/docx-elements", zipOf(zipEntry{"word/document.xml", 31 << 20, func(w io.Writer, n int) { repeat(w, "<w:p>", n/5) }, true}), verifyIn, exitRefused},
	{"verify/xlsx", sheetOf(20_000, 20, 78), verifyIn, exitRefused},
	{"verify/oscal-zip", zipOf(zipEntry{"assessment-results.json", 31 << 20, blank, true}), verifyIn, exitRefused},
	{"verify/1-GiB", sparse(1 << 30), verifyIn, exitRefused},

	{"sign/key-1-GiB", sparse(1 << 30), []string{"--store", "with.db", "export", "T", "--out", "t.plumb", "--force", "--sign", "in"}, exitRefused},
	{"sign/signers-1-MiB", manySigners, []string{"--store", "with.db", "verify", "--signers", "in", "report.md"}, exitRefused},
	{"sign/signers-1-GiB", sparse(1 << 30), []string{"--store", "with.db", "verify", "--signers", "in"}, exitRefused},
	{"secret/passphrase-1-GiB", sparse(1 << 30), []string{"--store", "with.db", "export", "T", "--out", "t.plumb", "--force", "--passphrase-file", "in"}, exitUsage},
	{"secret/identity-1-GiB", hugeIdentity, []string{"--store", "with.db", "import", "sealed.plumb", "--identity", "in"}, exitRefused},
	{"logo/bomb", logoBomb, []string{"--store", "with.db", "session", "edit", "T", "--logo", "in"}, exitRefused},
	{"logo/1-GiB", sparse(1 << 30), []string{"--store", "with.db", "session", "edit", "T", "--logo", "in"}, exitRefused},
	{"evidence/1-GiB", sparse(1 << 30), []string{"--store", "with.db", "evidence", "T", "GV.OC-01/secure", "--method", "examined", "--ref", "x", "--file", "in"}, exitDone},
}

// noisy are letters that pack to about a third and never repeat for long.
func noisy(n int) string {
	out := make([]byte, n)
	for i := range out {
		seed = seed*6364136223846793005 + 1442695040888963407
		out[i] = "etaoinshrdlu    "[seed>>60]
	}
	return strings.TrimSpace(string(out))
}

var seed uint64 = 1

func repeat(w io.Writer, text string, n int) {
	some := strings.Repeat(text, 1+min(n, 1<<16/len(text)))
	for n *= len(text); n > 0; n -= len(some) {
		_, _ = io.WriteString(w, some[:min(n, len(some))]) // the writer under it keeps its error
	}
}

func blank(w io.Writer, n int) { repeat(w, " ", n) }

func noise(w io.Writer, n int) {
	var eight [8]byte
	for range n / 8 {
		seed = seed*6364136223846793005 + 1442695040888963407
		binary.LittleEndian.PutUint64(eight[:], seed^seed>>29)
		_, _ = w.Write(eight[:])
	}
}

// written makes a file of what write gives a size.
func written(path string, size int, write func(io.Writer, int)) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	write(w, size)
	return errors.Join(w.Flush(), f.Close())
}

func textOf(head, text string, size int) func(string) error {
	return func(path string) error {
		return written(path, size, func(w io.Writer, n int) {
			_, _ = io.WriteString(w, head)
			repeat(w, text, (n-len(head))/len(text))
		})
	}
}

func sparse(size int64) func(string) error {
	return func(path string) error { return errors.Join(os.WriteFile(path, nil, 0o600), os.Truncate(path, size)) }
}

// manySigners is a list of signers as long as can be, beside a report.
func manySigners(path string) error {
	if err := os.WriteFile("report.md", []byte("# Gap report\n"), 0o600); err != nil {
		return err
	}
	return textOf("", "a ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"+strings.Repeat("A", 43)+"\n", 1<<20)(path)
}

// hugeIdentity lies beside a file that asks for it.
func hugeIdentity(path string) error {
	return errors.Join(os.WriteFile("sealed.plumb", []byte("age-encryption.org/v1\n-> X25519 x\n\n--- \n"), 0o600), sparse(1<<30)(path))
}

// zipEntry is what fill writes, given the size; it is stored where it would else pack too well to be read.
type zipEntry struct {
	name   string
	size   int
	fill   func(io.Writer, int)
	stored bool
}

func zipOf(entries ...zipEntry) func(string) error {
	return func(path string) error {
		return written(path, 0, func(w io.Writer, _ int) {
			z := zip.NewWriter(w)
			defer z.Close()
			for _, e := range entries {
				h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
				if e.stored {
					h.Method = zip.Store
				}
				out, err := z.CreateHeader(h)
				if err != nil {
					panic(err) // the names are those above
				}
				buffered := bufio.NewWriterSize(out, 1<<16)
				e.fill(buffered, e.size)
				buffered.Flush()
			}
		})
	}
}

// bookOf is a workbook of these parts.
func bookOf(parts ...zipEntry) func(string) error {
	text := func(s string) func(io.Writer, int) { return func(w io.Writer, _ int) { _, _ = io.WriteString(w, s) } }
	return zipOf(append([]zipEntry{
		{"xl/workbook.xml", 0, text(`<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Gap register" r:id="r1"/></sheets></workbook>`), false},
		{"xl/_rels/workbook.xml.rels", 0, text(`<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>`), false},
	}, parts...)...)
}

// sheetXML is a workbook whose sheet is stored, so that it is not refused for how well it packs.
func sheetXML(rows func(io.Writer)) func(string) error { return bookOf(sheetPart(rows, true)) }

func sheetPart(rows func(io.Writer), stored bool) zipEntry {
	return zipEntry{"xl/worksheets/sheet1.xml", 0, func(w io.Writer, _ int) {
		_, _ = io.WriteString(w, `<worksheet><sheetData>`)
		rows(w)
		_, _ = io.WriteString(w, `</sheetData></worksheet>`)
	}, stored}
}

// sheetOf is a gap register of so many rows and columns whose texts have so many characters.
func sheetOf(rows, columns, chars int) func(string) error {
	return bookOf(sheetPart(func(w io.Writer) {
		for r := range rows {
			fmt.Fprint(w, `<row>`)
			for c := range columns {
				text := noisy(chars)
				switch {
				case r == 0:
					text = cmp.Or(map[int]string{0: "item_id", 1: "note"}[c], fmt.Sprint("x", c))
				case c == 0:
					text = itemOf(r)
				}
				fmt.Fprintf(w, `<c t="str"><v>%s</v></c>`, text)
			}
			fmt.Fprint(w, `</row>`)
		}
	}, false))
}

// sharedOf is a workbook whose cells share strings of so many bytes, each of one character.
func sharedOf(size int) func(string) error {
	return bookOf(
		zipEntry{"xl/worksheets/sheet1.xml", 0, func(w io.Writer, _ int) {
			_, _ = io.WriteString(w, `<worksheet><sheetData><row><c t="s"><v>0</v></c></row></sheetData></worksheet>`)
		}, false},
		zipEntry{"xl/sharedStrings.xml", size, func(w io.Writer, n int) {
			_, _ = io.WriteString(w, `<sst>`)
			for range 490_000 {
				fmt.Fprintf(w, `<si><t>%s</t></si>`, noisy(n/490_000))
			}
			_, _ = io.WriteString(w, `</sst>`)
		}, false},
	)
}

// sharedOften is a workbook whose cells all say the same long text.
func sharedOften(path string) error {
	return bookOf(
		sheetPart(func(w io.Writer) { repeat(w, `<row><c t="s"><v>0</v></c></row>`, 19_999) }, true),
		zipEntry{"xl/sharedStrings.xml", 1 << 20, func(w io.Writer, n int) {
			fmt.Fprintf(w, `<sst><si><t>%s</t></si></sst>`, noisy(n-100))
		}, false},
	)(path)
}

// sheetRepeating is a sheet whose texts pack well.
func sheetRepeating(rows, columns, chars int) func(string) error {
	return bookOf(sheetPart(func(w io.Writer) {
		for range rows {
			fmt.Fprint(w, `<row>`)
			for range columns {
				fmt.Fprintf(w, `<c t="str"><v>%s%s</v></c>`, noisy(chars/20), strings.Repeat("x", chars-chars/20))
			}
			fmt.Fprint(w, `</row>`)
		}
	}, false))
}

// itemOf is an item of the Core, another one for each of the first 15 numbers.
func itemOf(n int) string {
	return fmt.Sprintf("GV.OC-%02d/%s", n%5+1, []string{"secure", "defend", "thwart"}[n/5%3])
}

func registerOf(rows, chars int) func(string) error {
	return func(path string) error {
		cat, err := content.Embedded()
		if err != nil {
			return err
		}
		return written(path, rows, func(w io.Writer, rows int) {
			fmt.Fprintln(w, "item_id,current,note")
			for r := range rows - 1 {
				fmt.Fprintf(w, "%v,%d,%s\n", cat.At(r%cat.Len()).ID, r%4, noisy(chars))
			}
		})
	}
}

func utf16Register(w io.Writer, size int) {
	_, _ = io.WriteString(w, "\xFF\xFE")
	for _, c := range []byte("item_id,note\nGV.OC-01/secure,") {
		_, _ = w.Write([]byte{c, 0})
	}
	repeat(w, "x\x00", (size-64)/2)
}

func csvOf(rows, columns, chars int) func(string) error {
	return func(path string) error {
		return written(path, 0, func(w io.Writer, _ int) {
			fmt.Fprint(w, "item_id")
			for c := range columns - 1 {
				fmt.Fprint(w, ",x", c)
			}
			for r := range rows - 1 {
				fmt.Fprint(w, "\n", itemOf(r))
				for range columns - 1 {
					fmt.Fprint(w, ",", noisy(chars))
				}
			}
		})
	}
}

func cisoOf(rows, chars int) func(string) error {
	return func(path string) error {
		return written(path, 0, func(w io.Writer, _ int) {
			fmt.Fprintln(w, "urn,ref_id,assessable,compliance_result,requirement_progress,observations")
			for r := range rows {
				fmt.Fprintf(w, "urn:intuitem:risk:req_node:nist-csf-2.0:gv.oc-%02d,GV.OC-%02[1]d,TRUE,compliant,done,%s\n", r%5+1, noisy(chars))
			}
		})
	}
}

// jsonOf is an array of values made of a number and a text of so many characters.
func jsonOf(head, value string, n, chars int, end string) func(string) error {
	return func(path string) error {
		return written(path, 0, func(w io.Writer, _ int) {
			_, _ = io.WriteString(w, head)
			for i := range n {
				if i > 0 {
					_, _ = io.WriteString(w, ",")
				}
				fmt.Fprintf(w, value, i%5+1, noisy(chars))
			}
			_, _ = io.WriteString(w, end)
		})
	}
}

func manyMembers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"m%d":[[]]`, i)
	}
	return b.String()
}

// docxOf has a document of 30 MiB of text.
func docxOf(path string) error {
	return zipOf(zipEntry{"word/document.xml", 30 << 20, func(w io.Writer, n int) {
		_, _ = io.WriteString(w, `<w:document>`)
		for range n / 1000 {
			fmt.Fprintf(w, `<w:p><w:t>%s</w:t></w:p>`, noisy(970))
		}
		_, _ = io.WriteString(w, `</w:document>`)
	}, false})(path)
}

// logoBomb is a PNG of 2,000 by 2,000 pixels of 16 bits a channel in some kilobytes.
func logoBomb(path string) error {
	var pixels bytes.Buffer
	z, err := flate.NewWriter(&pixels, flate.BestCompression)
	if err != nil {
		return err
	}
	pixels.Write([]byte{0x78, 0xDA}) // the head of zlib
	const side, row = assessment.MaxLogoSide, 1 + assessment.MaxLogoSide*8
	blank := make([]byte, row)
	for range side {
		if _, err := z.Write(blank); err != nil {
			return err
		}
	}
	if err := z.Close(); err != nil {
		return err
	}
	pixels.Write([]byte{0, 0, 0, 0}) // a check sum that does not fit
	out := bytes.NewBufferString("\x89PNG\r\n\x1a\n")
	chunk := func(kind string, content []byte) {
		_ = binary.Write(out, binary.BigEndian, uint32(len(content)))
		out.WriteString(kind)
		out.Write(content)
		_ = binary.Write(out, binary.BigEndian, crc32.ChecksumIEEE(append([]byte(kind), content...)))
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, side), side)
	chunk("IHDR", append(head, 16, 6, 0, 0, 0))
	chunk("IDAT", pixels.Bytes())
	chunk("IEND", nil)
	return os.WriteFile(path, out.Bytes(), 0o600)
}

// wordyPack is a pack of nearly 16 MiB.
func wordyPack(path string) error {
	cat, err := content.Embedded()
	if err != nil {
		return err
	}
	pack := contenttest.New("wordy")
	for id := range cat.Items() {
		it := pack.Item(id.ID.String())
		it.Why, it.Considerations, it.Reading = noisy(15_000), noisy(15_000), noisy(15_000)
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	z := zip.NewWriter(f)
	return errors.Join(z.AddFS(pack.Files()), z.Close(), f.Close())
}

// bundleOf writes a bundle of what fill puts into it.
func bundleOf(fill func(*bundle.Contents) error) func(string) error {
	return func(path string) error {
		c := bundle.Contents{Created: time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC), Tool: bundle.Tool{Name: "Plumbline", Version: "1"}}
		if err := fill(&c); err != nil {
			return err
		}
		cat, err := content.Embedded()
		if err != nil {
			return err
		}
		pack, err := packOf(cat, content.EmbeddedFiles(), false)
		if err != nil {
			return err
		}
		c.Packs = []bundle.Pack{pack}
		var b bytes.Buffer
		if err := bundle.Write(&b, c); err != nil {
			return err
		}
		return os.WriteFile(path, b.Bytes(), 0o600)
	}
}

// busySession is a session of acts acts, each of which does what do does.
func busySession(id, name string, acts int, do func(e *assessment.Edit, cat *content.Catalog, i int) error) (bundle.Session, error) {
	cat, err := content.Embedded()
	if err != nil {
		return bundle.Session{}, err
	}
	act := assessment.Act{Who: "Ada", Time: time.Date(2026, 11, 21, 0, 0, 0, 0, time.UTC)}
	s, _, err := assessment.New(cat, assessment.Info{ID: id, Organization: "Tern", Name: name, Path: assessment.Full}, act)
	if err != nil {
		return bundle.Session{}, err
	}
	for i := range acts {
		if _, err := s.Do(act, func(e *assessment.Edit) error { return do(e, cat, i) }); err != nil {
			return bundle.Session{}, err
		}
	}
	st, err := s.Stored()
	if err != nil {
		return bundle.Session{}, err
	}
	return bundle.SessionOf(st)
}

const sessionID = "7c1f0b52-6d3e-4a8b-9f27-3e5b90d4c1a6"

func rateInTurn(e *assessment.Edit, cat *content.Catalog, i int) error {
	r, _ := assessment.AtLevel(i / cat.Len() % 4)
	return e.Rate(cat.At(i%cat.Len()).ID, r)
}

func journalOf60000(c *bundle.Contents) error {
	s, err := busySession(sessionID, "busy", 60_000, rateInTurn)
	c.Sessions = append(c.Sessions, s)
	return err
}

// mostEvents are as many of the smallest as a bundle can hold.
func mostEvents(c *bundle.Contents) error {
	s, err := busySession(sessionID, "busy", 120_000, rateInTurn)
	c.Sessions = append(c.Sessions, s)
	return err
}

// largestJournal is one of notes, as long as a bundle can hold.
func largestJournal(c *bundle.Contents) error {
	const note = 2_000 // an event holds what was there and what is there now
	s, err := busySession(sessionID, "wordy", 59<<20/(2*note+500), func(e *assessment.Edit, cat *content.Catalog, i int) error {
		return e.Note(cat.At(i%cat.Len()).ID, noisy(60)+strings.Repeat("many words ", note/11-6)+fmt.Sprint(i))
	})
	c.Sessions = append(c.Sessions, s)
	return err
}

func manySessions(c *bundle.Contents) error {
	for i := range 660 {
		s, err := busySession(fmt.Sprintf("%08x-0000-4000-8000-000000000000", i), fmt.Sprint("one of many ", i), 100, rateInTurn)
		if err != nil {
			return err
		}
		c.Sessions = append(c.Sessions, s)
	}
	return nil
}

func sealedBundle(path string) error {
	if err := bundleOf(journalOf60000)(path); err != nil {
		return err
	}
	plain, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	to, err := sealed.Passphrase("sesame")
	if err != nil {
		return err
	}
	data, err := sealed.Encrypt(plain, to)
	return errors.Join(err, os.WriteFile(path, data, 0o600))
}
