"""What a run leaves behind: results.json, junit.xml, one page of HTML, a badge."""
