package main

// What the tests of every command need to know of those for operations.
func init() {
	noResult["recsys-lite gdpr export-user"] = true // its result is a document, in JSON always
	noResult["recsys-lite gdpr lift"] = true        // does it or says why not
	jsonCases["gdpr delete-user"] = []string{"gdpr", "delete-user", "--user-id", "nobody"}
	jsonCases["gdpr list"] = []string{"gdpr", "list", "--user-id", "w3"}
	jsonCases["gdpr verify"] = []string{"gdpr", "verify", "--user-id", "nobody"}
}
