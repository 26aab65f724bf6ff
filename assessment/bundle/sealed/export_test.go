package sealed

// The tests derive keys from passphrases often: with less work than people's passphrases deserve.
func init() { workFactor = 10 }
