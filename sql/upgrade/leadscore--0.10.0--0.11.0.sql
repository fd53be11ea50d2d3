\echo Use "ALTER EXTENSION leadscore UPDATE TO '0.11.0'" to load this file. \quit
