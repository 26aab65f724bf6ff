package intake

import "plumbline/content/strictjson"

func (f *File) readJSON(data []byte) *Problem {
	if err := strictjson.Scan(data, func(string) {}); err != nil {
		return refuse(Place{}, "", err.Error(), "")
	}
	return refuse(Place{}, "", "is of no kind that is read", readKinds)
}
