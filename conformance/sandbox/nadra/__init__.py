"""A civil registry in the manner of CRMS (nadra.md section 7): SOAP in a string, or plain XML."""
