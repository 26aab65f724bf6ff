package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"sync"
	"time"

	"plumbline/assessment"
	"plumbline/content"
)

// A summary in the file is
//
//	version        1 byte, summaryVersion
//	id, organization, name, path, status, pack, next item's Subcategory
//	               each its length (uvarint) and its bytes
//	areas          1 byte: bits 0-2 Focus Areas out of scope, bits 3-4 next item's Focus Area
//	created, changed  milliseconds since 1970 (varint)
//	threshold, head sequence, the counts of the tally in the order of counts()
//	               each a uvarint; version 1 lacks the last count
//	head hash      32 bytes
//	check          CRC-32C of all before it, 4 bytes big endian
//
// bbolt does not notice a bit that flipped inside a value, and of a summary nothing else would either:
// hence the check.
const summaryVersion = 2

// castagnoli is made when it is first needed: it takes a part of the time before the first frame.
var castagnoli = sync.OnceValue(func() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) })

// errSummary says that bytes are not a summary.
var errSummary = errors.New("summary can not be read")

// counts lists the counts of a tally in the order in which they are stored.
func counts(t *assessment.Tally) [20]*int {
	return [...]*int{
		&t.Items, &t.OutOfProfile, &t.OutsidePath, &t.AreaOutOfScope,
		&t.InProfile, &t.Levels[0], &t.Levels[1], &t.Levels[2], &t.Levels[3],
		&t.Inherited, &t.Targeted, &t.Compared, &t.AtTarget, &t.Gaps, &t.Supported, &t.OnAssertion,
		&t.Achieved, &t.Wanted, &t.WantedAll,
		&t.ToConfirm,
	}
}

// encodeSummary returns the bytes of a summary.
func encodeSummary(s assessment.Summary) []byte {
	b := make([]byte, 0, 256)
	b = append(b, summaryVersion)
	for _, text := range []string{s.ID, s.Organization, s.Name, string(s.Path), string(s.Status), s.Pack, s.Next.Sub} {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	areas := byte(s.Next.Area) << 3
	for i, out := range s.AreasOut {
		if out {
			areas |= 1 << i
		}
	}
	b = append(b, areas)
	b = binary.AppendVarint(b, s.Created.UnixMilli())
	b = binary.AppendVarint(b, s.Changed.UnixMilli())
	b = binary.AppendUvarint(b, uint64(s.Threshold))
	b = binary.AppendUvarint(b, s.Head.Seq)
	for _, n := range counts(&s.Tally) {
		b = binary.AppendUvarint(b, uint64(*n))
	}
	b = append(b, s.Head.Hash[:]...)
	return binary.BigEndian.AppendUint32(b, crc32.Checksum(b, castagnoli()))
}

// decodeSummary is the reverse of encodeSummary. It keeps nothing of b.
func decodeSummary(b []byte) (assessment.Summary, error) {
	n := len(b) - crc32.Size
	if n < 1 {
		return assessment.Summary{}, fmt.Errorf("%w: it has %d bytes", errSummary, len(b))
	}
	if got, want := crc32.Checksum(b[:n], castagnoli()), binary.BigEndian.Uint32(b[n:]); got != want {
		return assessment.Summary{}, fmt.Errorf("%w: its check sum is %08x, not %08x", errSummary, got, want)
	}
	return decodeSummaryBody(b[:n])
}

func decodeSummaryBody(b []byte) (s assessment.Summary, err error) {
	if b[0] < 1 || b[0] > summaryVersion {
		return s, fmt.Errorf("%w: it is of version %d", errSummary, b[0])
	}
	// All texts are parts of one string: one allocation for a summary matters when there are
	// thousands.
	r := reader{rest: string(b[1:])}
	s.ID, s.Organization, s.Name = r.text(), r.text(), r.text()
	s.Path, s.Status = assessment.Path(r.text()), assessment.Status(r.text())
	s.Pack, s.Next.Sub = r.text(), r.text()
	areas := r.take(1)
	s.Created, s.Changed = r.time(), r.time()
	s.Threshold = r.count()
	s.Head.Seq = r.uvarint()
	stored := counts(&s.Tally)
	for i, n := range stored {
		if b[0] > 1 || i < len(stored)-1 {
			*n = r.count()
		}
	}
	hash := r.take(len(s.Head.Hash))
	if r.bad || r.rest != "" {
		return assessment.Summary{}, fmt.Errorf("%w: its parts do not fit its %d bytes", errSummary, len(b))
	}
	copy(s.Head.Hash[:], hash)
	for i := range s.AreasOut {
		s.AreasOut[i] = areas[0]>>i&1 != 0
	}
	if s.Next.Area = content.Area(areas[0] >> 3); int(s.Next.Area) >= len(content.Areas) {
		return assessment.Summary{}, fmt.Errorf("%w: there is no Focus Area %d", errSummary, s.Next.Area)
	}
	return s, nil
}

// reader takes parts off the front of a string until one does not fit; bad is true from then on.
type reader struct {
	rest string
	bad  bool
}

func (r *reader) take(n int) string {
	if r.bad || n > len(r.rest) {
		r.bad = true
		return "\x00"
	}
	part := r.rest[:n]
	r.rest = r.rest[n:]
	return part
}

func (r *reader) uvarint() uint64 {
	var v uint64
	for shift := 0; shift < 64; shift += 7 {
		c := r.take(1)[0]
		if shift == 63 && c > 1 {
			break
		}
		v |= uint64(c&0x7F) << shift
		if c < 0x80 {
			return v
		}
	}
	r.bad = true
	return 0
}

func (r *reader) count() int {
	n := r.uvarint()
	if n > math.MaxInt32 {
		r.bad = true
		return 0
	}
	return int(n)
}

func (r *reader) text() string { return r.take(r.count()) }

func (r *reader) time() time.Time {
	u := r.uvarint()
	ms := int64(u>>1) ^ -int64(u&1) // as binary.AppendVarint folds the sign
	return time.UnixMilli(ms).UTC()
}
