"""The papers of a review: document, workbook and page, made from one set of tables."""
