-- Sixteen bytes more in a record's digest, of the text it came in; and it is keyed. Records that were there come in anew once.
SELECT 1;
