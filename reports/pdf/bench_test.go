package pdf_test
