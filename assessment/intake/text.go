package intake

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// decodeText returns the text of a file: UTF-8, with or without a byte order mark, or UTF-16 with one.
// Other encodings are refused with the place of the first byte that shows it, for a guess would turn
// names into others.
func decodeText(data []byte) (string, *Problem) {
	switch {
	case bytes.HasPrefix(data, []byte("\xFF\xFE")):
		return decodeUTF16(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte("\xFE\xFF")):
		return decodeUTF16(data[2:], binary.BigEndian)
	}
	text := bytes.TrimPrefix(data, []byte("\uFEFF"))
	if i := bytes.IndexByte(text, 0); i >= 0 {
		return "", refuse(Place{}, "", fmt.Sprintf("holds a NUL at byte %d, which no text does", i+len(data)-len(text)), "")
	}
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			return "", refuse(Place{}, "", fmt.Sprintf("is not UTF-8: byte %d is 0x%02X", i+len(data)-len(text), text[i]),
				`save it again as "CSV UTF-8" (it is probably Latin-1 or Windows-1252)`)
		}
		i += n
	}
	return string(text), nil
}

// decodeUTF16 decodes what follows a byte order mark.
func decodeUTF16(data []byte, order binary.ByteOrder) (string, *Problem) {
	damaged := func(at int, what string) (string, *Problem) {
		return "", refuse(Place{}, "", fmt.Sprintf("is not UTF-16: %s at byte %d", what, 2+at), `save it again as "CSV UTF-8"`)
	}
	if len(data)%2 != 0 {
		return damaged(len(data)-1, "half a character")
	}
	out := make([]byte, 0, len(data))
	for i := 0; i < len(data); i += 2 {
		r := rune(order.Uint16(data[i:]))
		if utf16.IsSurrogate(r) {
			low := rune(0)
			if i+4 <= len(data) {
				low = rune(order.Uint16(data[i+2:]))
			}
			if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
				return damaged(i, "half a surrogate pair")
			}
			i += 2
		}
		if r == 0 {
			return damaged(i, "a NUL")
		}
		out = utf8.AppendRune(out, r)
	}
	return string(out), nil
}
